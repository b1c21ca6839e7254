import type { RestoreRequest, RestoreResult } from '../contract/archive.ts';
import type { Database } from '../database/database.ts';
import { readStatement } from '../database/statements.ts';
import { type Calls, COLUMNS, type Value } from './calls.ts';
import { keyOf } from './keys.ts';
import type { ObjectStore } from './object-store.ts';
import { readParquet } from './parquet.ts';

/** How many calls one statement adds. */
const BATCH_ROWS = 2_000;

/** A value as JSON can hold it: whole numbers beyond 2^53, NaN, infinities and -0 as texts. */
const toJson = (value: Value): Value => {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'number' || (Number.isFinite(value) && !Object.is(value, -0))) return value;
  return Object.is(value, -0) ? '-0' : String(value);
};

const rowsOf = (calls: Calls, from: number, to: number): Record<string, unknown>[] =>
  Array.from({ length: Math.max(0, Math.min(to, calls.started_at.length) - from) }, (_, index) =>
    Object.fromEntries(COLUMNS.map(([name]) => [name, toJson(calls[name][from + index] ?? null)])),
  );

const addCalls = async (database: Database, calls: Calls): Promise<number> => {
  let added = 0;
  for (let from = 0; from < calls.started_at.length; from += BATCH_ROWS) {
    const values = [JSON.stringify(rowsOf(calls, from, from + BATCH_ROWS))];
    const { rowCount } = await database.run((client) => client.query(readStatement('archive-restore-calls'), values));
    added += rowCount ?? 0;
  }
  return added;
};

/**
 * Brings one file of an archived day back into the store, where its calls can be read until the day is dropped again;
 * after the last file the whole day is compared with the archive. Idempotent. Throws when the day is not archived and
 * dropped, or is not what was archived.
 */
export const restorePart = async (
  database: Database,
  objects: ObjectStore,
  { day, part, hold_days }: RestoreRequest,
): Promise<RestoreResult> => {
  const { rows: days } = await database.run((client) =>
    client.query<{ files: number; rows: number }>(readStatement('archive-begin-restore'), [day, hold_days]),
  );
  const { files = 0, rows = 0 } = days[0] ?? {};
  const restored = part < files ? await addCalls(database, await readParquet(await objects.get(keyOf(day, part)))) : 0;
  const next = part + 1 < files ? part + 1 : null;
  if (next === null) await database.run((client) => client.query(readStatement('archive-check-restored'), [day]));
  return { day, restored, files, rows, next_part: next };
};
