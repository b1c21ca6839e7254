import { createHash } from 'node:crypto';
import { setTimeout as timeout } from 'node:timers/promises';
import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { DAY_MS, SECOND_MS } from '../../contract/durations.ts';
import { parseJson } from '../../contract/parse-json.ts';

/** For how long a thing is remembered after its last event. */
const LIFE_MS = 30 * DAY_MS;
const MAX_ATTEMPTS = 10;
/** The longest pause before another attempt, in milliseconds, for each attempt so far. */
const PAUSE_MS = 25;

const storedItem = z.object({ version: z.object({ N: z.string() }), value: z.object({ S: z.string() }) });

/**
 * What is remembered of things that events are about, each in an item of its own in the notifier's table: however many
 * there are, incidents have room. Each write names the version that it was made from, as that of the incidents does.
 */
export class EventStore {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /**
   * Replaces what is remembered of a thing by what `change` makes of it, and resolves to what else it made. `change` is
   * repeated when another run was faster. Rejects when nothing can be read or written.
   */
  async update<Value extends object, Result>(
    key: string,
    change: (value: Value | undefined) => { value: Value | undefined; result: Result },
  ): Promise<Result> {
    const id = { S: `event/${createHash('sha256').update(key).digest('hex')}` };
    for (let attempt = 1; ; attempt += 1) {
      const { Item } = await this.client.send(
        new GetItemCommand({ TableName: this.table, Key: { id }, ConsistentRead: true }),
      );
      // Only this file writes it.
      const stored = Item && storedItem.parse(Item);
      const before = stored && (parseJson(stored.value.S) as Value);
      const { value, result } = change(before);
      if (value === undefined || value === before) return result;
      try {
        await this.write(id, value, Number(stored?.version.N ?? 0));
        return result;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException) || attempt === MAX_ATTEMPTS) throw error;
        await timeout(Math.random() * PAUSE_MS * attempt);
      }
    }
  }

  private async write(id: { S: string }, value: object, version: number): Promise<void> {
    await this.client.send(
      new PutItemCommand({
        TableName: this.table,
        Item: {
          id,
          version: { N: String(version + 1) },
          value: { S: JSON.stringify(value) },
          expires: { N: String(Math.ceil((Date.now() + LIFE_MS) / SECOND_MS)) },
        },
        ConditionExpression: 'attribute_not_exists(#id) OR #version = :version',
        ExpressionAttributeNames: { '#id': 'id', '#version': 'version' },
        ExpressionAttributeValues: { ':version': { N: String(version) } },
      }),
    );
  }
}
