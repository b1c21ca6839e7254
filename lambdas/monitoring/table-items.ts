import { createHash } from 'node:crypto';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type * as z from 'zod';
import { parseJson } from '../contract/parse-json.ts';

/** The id of the item with what a channel shows about one thing. */
export const idOfThread = (channel: string, thread: string): string =>
  `thread/${channel}/${createHash('sha256').update(thread).digest('hex')}`;

/** Items of the notifier's table with a value as JSON. What cannot be read of one is as if it were not there. */
export class TableItems {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  async read<Value>(id: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.table, Key: { id: { S: id } }, ConsistentRead: true }),
    );
    return schema.safeParse(parseJson(Item?.value?.S ?? '')).data;
  }

  /** `expires`: when DynamoDB may remove it, in seconds since 1970. */
  async write(id: string, value: object, expires?: number): Promise<void> {
    await this.client.send(
      new PutItemCommand({
        TableName: this.table,
        Item: {
          id: { S: id },
          value: { S: JSON.stringify(value) },
          ...(expires !== undefined && { expires: { N: String(expires) } }),
        },
      }),
    );
  }
}
