import { randomUUID } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { DAY_MS, SECOND_MS } from '../../contract/durations.ts';
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
const MAX_ITEM_BYTES = 400_000;
/** Ten thousand open incidents are less than two. */
const MAX_ITEMS = 10;
/** A part is read for as long as the state that names it, which is written each minute. */
const PART_LIFE_MS = 30 * DAY_MS;

const bytes = z.object({ B: z.instanceof(Uint8Array) });
const storedItem = z.object({
  version: z.object({ N: z.string() }),
  state: bytes,
  /** The ids of the items that have the rest of it, in order. */
  parts: z.object({ L: z.array(z.object({ S: z.string() })) }).optional(),
});
const storedPart = z.object({ state: bytes });
/** The incidents are the engine's own; of the rest the outline suffices, because only this file writes it. */
const storedState = z.object({
  incidents: z.looseObject({}),
  outbox: z.looseObject({ messages: z.array(z.looseObject({ id: z.string() })), known: z.looseObject({}) }),
});

const HOW_TO_BEGIN_ANEW = 'the runbook says how to put it aside: pipeline/notifier-stopped';

const unpack = (first: Uint8Array, furtherItems: readonly unknown[]): NotifierState => {
  try {
    const packed = Buffer.concat([first, ...furtherItems.map((item) => storedPart.parse(item).state.B)]);
    return storedState.parse(JSON.parse(gunzipSync(packed).toString('utf8'))) as unknown as NotifierState;
  } catch (cause) {
    throw new Error(`The notifier cannot read its own state; ${HOW_TO_BEGIN_ANEW}.`, { cause });
  }
};

/** The state as it is stored, each part in an item. */
const pack = (state: NotifierState): [Uint8Array, ...Uint8Array[]] => {
  const packed = gzipSync(JSON.stringify(state));
  const items = Math.ceil(packed.length / MAX_ITEM_BYTES);
  if (items > MAX_ITEMS) {
    const { messages } = state.outbox;
    throw new Error(
      `The notifier's state has ${packed.length} bytes, with ${messages.length} messages that wait, and at most ` +
        `${MAX_ITEMS * MAX_ITEM_BYTES} are stored; ${HOW_TO_BEGIN_ANEW}.`,
    );
  }
  const partAt = (index: number) => packed.subarray(index * MAX_ITEM_BYTES, (index + 1) * MAX_ITEM_BYTES);
  return [partAt(0), ...Array.from({ length: items - 1 }, (_, index) => partAt(index + 1))];
};

/**
 * The state in one item of a table, which names further ones where it is too large for one. Each write names the version
 * that it was made from, so of two runs at the same time the later one begins again with what the earlier one wrote.
 * Further items are written before, and no two writes share one.
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
    const { version, state, parts } = storedItem.parse(Item);
    const further = await Promise.all((parts?.L ?? []).map((id) => this.readPart(id)));
    return { version: Number(version.N), state: unpack(state.B, further) };
  }

  /** Resolves to the item, which nobody has looked at yet. */
  private async readPart(id: { readonly S: string }): Promise<unknown> {
    const key = { TableName: this.table, Key: { id }, ConsistentRead: true };
    return (await this.client.send(new GetItemCommand(key))).Item;
  }

  private async write(state: NotifierState, version: number): Promise<void> {
    const [first, ...further] = pack(state);
    const L = await Promise.all(further.map(async (part) => ({ S: await this.writePart(part) })));
    const { attributes, condition } = nextVersion(version);
    const Item = { ...KEY, ...attributes, state: { B: first }, ...(L.length > 0 && { parts: { L } }) };
    await this.client.send(new PutItemCommand({ TableName: this.table, Item, ...condition }));
  }

  private async writePart(part: Uint8Array): Promise<string> {
    const id = `state-part/${randomUUID()}`;
    const expires = { N: String(Math.ceil((Date.now() + PART_LIFE_MS) / SECOND_MS)) };
    const Item = { id: { S: id }, state: { B: part }, expires };
    await this.client.send(new PutItemCommand({ TableName: this.table, Item }));
    return id;
  }
}
