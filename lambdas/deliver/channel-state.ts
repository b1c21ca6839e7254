import { DeleteItemCommand, type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { type ChannelThread, channelThread, type DeliveredNotice, idOfThread } from '../contract/channel-thread.ts';
import { idOfDeadChannel } from '../contract/channels.ts';
import { DAY_MS, SECOND_MS } from '../contract/durations.ts';
import { parseJson } from '../contract/parse-json.ts';

/** That no attempt on a channel will succeed until somebody changes something. */
export interface DeadChannel {
  /** Of the settings and the secret with which it was found dead. */
  readonly fingerprint: string;
  readonly reason: string;
  /** When it was found dead, and when it was tried last, in milliseconds since 1970. */
  readonly since: number;
  readonly triedAt: number;
}

export const NO_THREAD: ChannelThread = { delivered: [] };

/** Longer than an incident that anybody still follows. */
const THREAD_LIFE_MS = 30 * DAY_MS;
/** A queue delivers a message again within minutes, and people replay dead letters of a few days. */
const MAX_DELIVERED = 20;

const deadChannel = z.object({ fingerprint: z.string(), reason: z.string(), since: z.number(), triedAt: z.number() });

/** Adds a notice to what a channel has taken. */
export const addDelivered = (
  { reference, delivered }: ChannelThread,
  notice: DeliveredNotice,
  newReference?: string,
): ChannelThread => ({
  reference: newReference ?? reference,
  delivered: [...delivered, notice].slice(-MAX_DELIVERED),
});

/**
 * What must be remembered from one delivery to the next, in items of the notifier's table. What cannot be read of an item
 * is as if it were not there.
 */
export class ChannelState {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  readDead(channel: string): Promise<DeadChannel | undefined> {
    return this.read(idOfDeadChannel(channel), deadChannel);
  }

  writeDead(channel: string, dead: DeadChannel): Promise<void> {
    return this.write(idOfDeadChannel(channel), dead);
  }

  async forgetDead(channel: string): Promise<void> {
    await this.client.send(
      new DeleteItemCommand({ TableName: this.table, Key: { id: { S: idOfDeadChannel(channel) } } }),
    );
  }

  async readThread(channel: string, name: string): Promise<ChannelThread> {
    return (await this.read(idOfThread(channel, name), channelThread)) ?? NO_THREAD;
  }

  writeThread(channel: string, name: string, value: ChannelThread, now: number): Promise<void> {
    return this.write(idOfThread(channel, name), value, now + THREAD_LIFE_MS);
  }

  private async read<Value>(id: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.table, Key: { id: { S: id } }, ConsistentRead: true }),
    );
    return schema.safeParse(parseJson(Item?.value?.S ?? '')).data;
  }

  private async write(id: string, value: object, expiresAt?: number): Promise<void> {
    await this.client.send(
      new PutItemCommand({
        TableName: this.table,
        Item: {
          id: { S: id },
          value: { S: JSON.stringify(value) },
          ...(expiresAt !== undefined && { expires: { N: String(Math.ceil(expiresAt / SECOND_MS)) } }),
        },
      }),
    );
  }
}
