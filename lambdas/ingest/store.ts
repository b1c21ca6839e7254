import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Invocation } from '../contract/invocation.ts';
import type { Database } from '../database/database.ts';
import { statement } from '../database/statements.ts';
import { encode } from './encode.ts';
import type { Reject } from './record.ts';

/** The most records one statement stores: beyond it nothing gets faster, and memory is the server's. */
export const MAX_BATCH = 10_000;
/** The most characters of a rejected line that are kept. */
const LINE_KEPT = 8_192;

export interface Stored {
  stored: number;
  duplicates: number;
  rejected: number;
}

const NOTHING: Stored = { stored: 0, duplicates: 0, rejected: 0 };
const sum = (one: Stored, other: Stored): Stored => ({
  stored: one.stored + other.stored,
  duplicates: one.duplicates + other.duplicates,
  rejected: one.rejected + other.rejected,
});

const UNIQUE_VIOLATION = '23505';
const sqlStateOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** SQLSTATE classes 22 and 23, and too much nesting: a value is to blame, and a batch without it would go in. */
const isPoison = (error: unknown): error is Error => /^(22...|23...|54001)$/.test(sqlStateOf(error));

const elementOids = new WeakMap<pg.Client, number>();

const elementOid = async (client: pg.Client): Promise<number> => {
  const known = elementOids.get(client);
  if (known) return known;
  const { rows } = await client.query<{ oid: number }>("select 'analytics.delivered_v1'::regtype::oid::integer as oid");
  const oid = rows[0]?.oid ?? 0;
  elementOids.set(client, oid);
  return oid;
};

const keyOf = ({ started_at, event_id }: Invocation): string => started_at + event_id.toLowerCase();

/** The records in the order of their keys, each key once. */
const inKeyOrder = (records: readonly Invocation[]): Invocation[] => {
  const byKey = new Map(records.map((record) => [keyOf(record), record]));
  return [...byKey.keys()].sort().flatMap((key) => byKey.get(key) ?? []);
};

/**
 * The parameters of the statement `ingest-store`. `elementOid` is this database's number for `analytics.delivered_v1`;
 * `carefully` when some of the records may be stored already.
 */
export const parametersOf = (records: readonly Invocation[], elementOid: number, carefully = false): unknown[] => {
  const sorted = inKeyOrder(records);
  const [first, last] = [sorted[0], sorted.at(-1)];
  return [encode(sorted, elementOid), records.length, first?.started_at, last?.started_at, first?.event_id, carefully];
};

const insert = async (client: pg.Client, records: readonly Invocation[], carefully: boolean): Promise<Stored> => {
  const { rows } = await client.query<{ stored: number; duplicates: number; refused: number }>({
    name: 'ingest-store',
    text: statement('ingest-store'),
    values: parametersOf(records, await elementOid(client), carefully),
  });
  const counts = rows[0];
  return counts ? { stored: counts.stored, duplicates: counts.duplicates, rejected: counts.refused } : NOTHING;
};

const insertOnce = async (client: pg.Client, records: readonly Invocation[]): Promise<Stored> => {
  try {
    return await insert(client, records, false);
  } catch (error) {
    if (sqlStateOf(error) !== UNIQUE_VIOLATION) throw error;
    return insert(client, records, true);
  }
};

/** A name for a line that is the same whenever the line comes again. */
const idOf = (line: string): string => createHash('sha256').update(line).digest('hex').slice(0, 32);

/** Keeps lines that cannot be stored, with the reason. */
export const storeRejects = (database: Database, rejects: readonly Reject[]): Promise<void> =>
  database.run(async (client) => {
    if (rejects.length === 0) return;
    await client.query(statement('ingest-reject'), [
      rejects.map(({ line }) => idOf(line)),
      rejects.map(({ reason }) => reason.slice(0, LINE_KEPT).replaceAll('\0', '')),
      rejects.map(({ line }) => line.slice(0, LINE_KEPT).replaceAll('\0', '')),
    ]);
  });

/** One statement for the lot; when one value in it is refused, half and half again until that record stands alone and is kept as a reject. */
const storeOrSplit = async (database: Database, records: readonly Invocation[]): Promise<Stored> => {
  try {
    return await database.run((client) => insertOnce(client, records));
  } catch (error) {
    if (!isPoison(error)) throw error;
    if (records.length === 1) {
      await storeRejects(database, [
        { reason: `${sqlStateOf(error)}: ${error.message}`, line: JSON.stringify(records[0]) },
      ]);
      return { ...NOTHING, rejected: 1 };
    }
    const middle = Math.ceil(records.length / 2);
    const first = await storeOrSplit(database, records.slice(0, middle));
    return sum(first, await storeOrSplit(database, records.slice(middle)));
  }
};

/**
 * Stores each record once, whoever brings it and however often, and notes the batch for roll-up in the same transaction.
 * Throws when the store is to blame: then nothing, or some whole batches, are in, and storing all of it again is right.
 */
export const store = async (database: Database, records: readonly Invocation[]): Promise<Stored> => {
  let total = NOTHING;
  for (let start = 0; start < records.length; start += MAX_BATCH)
    total = sum(total, await storeOrSplit(database, records.slice(start, start + MAX_BATCH)));
  return total;
};
