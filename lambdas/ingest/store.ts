import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Invocation } from '../contract/invocation.ts';
import type { Database } from '../database/database.ts';
import { readStatement } from '../database/statements.ts';
import type { Reject } from '../subscription/record.ts';
import { encodeRecords } from './encode.ts';

/** How many records one statement stores: more is not faster, and costs the server memory. */
const MAX_BATCH = 10_000;
/** How many characters of a rejected line are stored. */
const MAX_REJECT_LENGTH = 8_192;

export interface StoreResult {
  stored: number;
  duplicates: number;
  rejected: number;
}

const NOTHING: StoreResult = { stored: 0, duplicates: 0, rejected: 0 };
const addResults = (left: StoreResult, right: StoreResult): StoreResult => ({
  stored: left.stored + right.stored,
  duplicates: left.duplicates + right.duplicates,
  rejected: left.rejected + right.rejected,
});

const UNIQUE_VIOLATION = '23505';
const sqlStateOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/**
 * SQLSTATE classes 22, 23 and 54: the database refuses one value, which is invalid, too large or too deeply nested, and
 * the batch without it would be stored.
 */
const isRefusedValue = (error: unknown): error is Error => /^(22|23|54)...$/.test(sqlStateOf(error));

const elementOids = new WeakMap<pg.ClientBase, number>();

const findElementOid = async (client: pg.ClientBase): Promise<number> => {
  const known = elementOids.get(client);
  if (known) return known;
  const { rows } = await client.query<{ oid: number }>("select 'analytics.delivered_v1'::regtype::oid::integer as oid");
  const oid = rows[0]?.oid ?? 0;
  elementOids.set(client, oid);
  return oid;
};

const keyOf = ({ started_at, event_id }: Invocation): string => started_at + event_id.toLowerCase();

/** The records in the order of their keys, without duplicates. */
const sortByKey = (records: readonly Invocation[]): Invocation[] => {
  const byKey = new Map(records.map((record) => [keyOf(record), record]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
};

/**
 * The parameters of the statement `ingest-store`. `elementOid` is this database's id of the type
 * `analytics.delivered_v1`; `mayConflict` is true when some of the records may be stored already.
 */
export const parametersOf = (records: readonly Invocation[], elementOid: number, mayConflict = false): unknown[] => {
  const sorted = sortByKey(records);
  const [first, last] = [sorted[0], sorted.at(-1)];
  return [
    encodeRecords(sorted, elementOid),
    records.length,
    first?.started_at,
    last?.started_at,
    first?.event_id,
    mayConflict,
  ];
};

const insert = async (
  client: pg.ClientBase,
  records: readonly Invocation[],
  mayConflict: boolean,
): Promise<StoreResult> => {
  const { rows } = await client.query<{ stored: number; duplicates: number; refused: number }>({
    name: 'ingest-store',
    text: readStatement('ingest-store'),
    values: parametersOf(records, await findElementOid(client), mayConflict),
  });
  const counts = rows[0];
  return counts ? { stored: counts.stored, duplicates: counts.duplicates, rejected: counts.refused } : NOTHING;
};

const insertOnce = async (client: pg.ClientBase, records: readonly Invocation[]): Promise<StoreResult> => {
  try {
    return await insert(client, records, false);
  } catch (error) {
    if (sqlStateOf(error) !== UNIQUE_VIOLATION) throw error;
    return insert(client, records, true);
  }
};

/** An id for a line; a line that is delivered again has the same id. */
const idOf = (line: string): string => createHash('sha256').update(line).digest('hex').slice(0, 32);

/** Stores lines that are not valid calls, with the reasons. */
export const storeRejects = (database: Database, rejects: readonly Reject[]): Promise<void> =>
  database.run(async (client) => {
    if (rejects.length === 0) return;
    await client.query(readStatement('ingest-reject'), [
      rejects.map(({ line }) => idOf(line)),
      rejects.map(({ reason }) => reason.slice(0, MAX_REJECT_LENGTH).replaceAll('\0', '')),
      rejects.map(({ line }) => line.slice(0, MAX_REJECT_LENGTH).replaceAll('\0', '')),
    ]);
  });

/**
 * Stores the batch with one statement. When the database refuses a value in it, the batch is halved, again and again,
 * until the record with that value is alone and stored as a reject.
 */
const storeOrSplit = async (database: Database, records: readonly Invocation[]): Promise<StoreResult> => {
  try {
    return await database.run((client) => insertOnce(client, records));
  } catch (error) {
    if (!isRefusedValue(error)) throw error;
    if (records.length === 1) {
      await storeRejects(database, [
        { reason: `${sqlStateOf(error)}: ${error.message}`, line: JSON.stringify(records[0]) },
      ]);
      return { ...NOTHING, rejected: 1 };
    }
    const middle = Math.ceil(records.length / 2);
    const first = await storeOrSplit(database, records.slice(0, middle));
    return addResults(first, await storeOrSplit(database, records.slice(middle)));
  }
};

/**
 * Stores each record once, however often and by whichever writer it is delivered, and queues the batch for roll-up in
 * the same transaction. Throws when the store fails: then none or some whole batches are stored, and it is safe to
 * store all of them again.
 */
export const store = async (database: Database, records: readonly Invocation[]): Promise<StoreResult> => {
  let total = NOTHING;
  for (let start = 0; start < records.length; start += MAX_BATCH)
    total = addResults(total, await storeOrSplit(database, records.slice(start, start + MAX_BATCH)));
  return total;
};
