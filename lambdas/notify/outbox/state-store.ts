import { gunzipSync, gzipSync } from 'node:zlib';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { type Incidents, NO_INCIDENTS } from '../incidents/update-incidents.ts';
import { EMPTY_OUTBOX, type Outbox } from './outbox.ts';
import { nextVersion, untilWritten } from './versioned-item.ts';

/** Everything the notifier remembers between two runs. */
export interface NotifierState {
  readonly incidents: Incidents;
  readonly outbox: Outbox;
}

const EMPTY_STATE: NotifierState = { incidents: NO_INCIDENTS, outbox: EMPTY_OUTBOX };

const KEY = { id: { S: 'state' } };
/** DynamoDB's limit for an item is 409,600 bytes, of which the other attributes need few. */
const MAX_BYTES = 400_000;

const storedItem = z.object({
  version: z.object({ N: z.string() }),
  state: z.object({ B: z.instanceof(Uint8Array) }),
});
/** The incidents are the engine's own; of the rest the outline suffices, because only this file writes it. */
const storedState = z.object({
  incidents: z.looseObject({}),
  outbox: z.looseObject({ messages: z.array(z.looseObject({ id: z.string() })), known: z.looseObject({}) }),
});

const HOW_TO_BEGIN_ANEW = 'the runbook says how to put it aside: pipeline/notifier-stopped';

const unpack = (packed: Uint8Array): NotifierState => {
  try {
    return storedState.parse(JSON.parse(gunzipSync(packed).toString('utf8'))) as unknown as NotifierState;
  } catch (cause) {
    throw new Error(`The notifier cannot read its own state; ${HOW_TO_BEGIN_ANEW}.`, { cause });
  }
};

const pack = (state: NotifierState): Uint8Array => {
  const packed = gzipSync(JSON.stringify(state));
  if (packed.length <= MAX_BYTES) return packed;
  const { messages } = state.outbox;
  throw new Error(
    `The notifier's state has ${packed.length} bytes, with ${messages.length} messages that wait, and DynamoDB stores ` +
      `${MAX_BYTES}; ${HOW_TO_BEGIN_ANEW}.`,
  );
};

/**
 * The state in one item of a table. Each write names the version that it was made from, so of two runs at the same time
 * the later one begins again with what the earlier one wrote.
 */
export class StateStore {
  private readonly client: DynamoDBClient;
  private readonly table: string;

  constructor(client: DynamoDBClient, table: string) {
    this.client = client;
    this.table = table;
  }

  /**
   * Replaces the state by what `change` makes of it, and resolves to what else it made. `change` is repeated when
   * another run was faster. Rejects when the state cannot be read or written.
   */
  async update<Result>(change: (state: NotifierState) => { state: NotifierState; result: Result }): Promise<Result> {
    return untilWritten(async () => {
      const { version, state } = await this.read();
      const changed = change(state);
      await this.write(changed.state, version);
      return changed.result;
    });
  }

  private async read(): Promise<{ version: number; state: NotifierState }> {
    const { Item } = await this.client.send(
      new GetItemCommand({ TableName: this.table, Key: KEY, ConsistentRead: true }),
    );
    if (!Item) return { version: 0, state: EMPTY_STATE };
    const { version, state } = storedItem.parse(Item);
    return { version: Number(version.N), state: unpack(state.B) };
  }

  private async write(state: NotifierState, version: number): Promise<void> {
    const { attributes, condition } = nextVersion(version);
    const Item = { ...KEY, ...attributes, state: { B: pack(state) } };
    await this.client.send(new PutItemCommand({ TableName: this.table, Item, ...condition }));
  }
}
