import { createHash } from 'node:crypto';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { DAY_MS, SECOND_MS } from '../../contract/durations.ts';
import { parseJson } from '../../contract/parse-json.ts';
import { nextVersion, untilWritten } from '../outbox/versioned-item.ts';

/** For how long a thing is remembered after its last event. */
const LIFE_MS = 30 * DAY_MS;

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
    return untilWritten(async () => {
      const { Item } = await this.client.send(
        new GetItemCommand({ TableName: this.table, Key: { id }, ConsistentRead: true }),
      );
      // Only this file writes it.
      const stored = Item && storedItem.parse(Item);
      const before = stored && (parseJson(stored.value.S) as Value);
      const { value, result } = change(before);
      if (value !== undefined && value !== before) await this.write(id, value, Number(stored?.version.N ?? 0));
      return result;
    });
  }

  private async write(id: { S: string }, value: object, version: number): Promise<void> {
    const { attributes, condition } = nextVersion(version);
    const expires = { N: String(Math.ceil((Date.now() + LIFE_MS) / SECOND_MS)) };
    const Item = { id, ...attributes, value: { S: JSON.stringify(value) }, expires };
    await this.client.send(new PutItemCommand({ TableName: this.table, Item, ...condition }));
  }
}
