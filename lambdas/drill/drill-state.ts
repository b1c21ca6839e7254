import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type * as z from 'zod';
import { channelThread, type DeliveredNotice, idOfThread } from '../contract/channel-thread.ts';
import {
  DRILL_REPORT_ID,
  type DrillMessage,
  type DrillReport,
  drillMessage,
  idOfDrillMessage,
} from '../contract/drill.ts';
import { parseJson } from '../contract/parse-json.ts';
import type { Severity } from '../contract/severity.ts';

/** What the notifier and what delivers have written down, in the notifier's table. */
export class DrillState {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /** The message of the last drill of a severity, if there was one. */
  readMessage(severity: Severity): Promise<DrillMessage | undefined> {
    return this.read(idOfDrillMessage(severity), drillMessage);
  }

  /** How far a message came in a channel, if that has taken it. */
  async readDelivery(channel: string, { thread, notice }: DrillMessage): Promise<DeliveredNotice | undefined> {
    const shown = await this.read(idOfThread(channel, thread), channelThread);
    return shown?.delivered.find(({ id }) => id === notice);
  }

  async writeReport(report: DrillReport): Promise<void> {
    const Item = { id: { S: DRILL_REPORT_ID }, value: { S: JSON.stringify(report) } };
    await this.client.send(new PutItemCommand({ TableName: this.table, Item }));
  }

  private async read<Value>(id: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.table, Key: { id: { S: id } }, ConsistentRead: true }),
    );
    return schema.safeParse(parseJson(Item?.value?.S ?? '')).data;
  }
}
