import { writeFileSync } from 'node:fs';
import type pg from 'pg';
import { median } from '../statistics/median.ts';

/** How long the work took, in milliseconds. */
export const measureMs = async (work: () => Promise<unknown>): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

/** The median duration of several runs, in milliseconds. */
export const measureMedianMs = async (runs: number, work: () => Promise<unknown>): Promise<number> => {
  const durations: number[] = [];
  for (let run = 0; run < runs; run += 1) durations.push(await measureMs(work));
  return median(durations);
};

/** How many bytes have ever been written to the write-ahead log. */
export const walBytes = (client: pg.Client): Promise<number> =>
  queryNumber(client, `select pg_current_wal_insert_lsn() - '0/0' as bytes`);

/** The first value of the first row, as a number. */
export const queryNumber = async (client: pg.Client, text: string): Promise<number> => {
  const { rows } = await client.query<Record<string, unknown>>(text);
  return Number(Object.values(rows[0] ?? {})[0] ?? Number.NaN);
};

/**
 * Writes everything to disk and empties the system's caches (which takes root), because retention removes data that was
 * written long ago.
 */
export const flushCaches = async (client: pg.Client): Promise<void> => {
  await client.query('checkpoint');
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
  } catch {
    process.stderr.write('  system caches are not emptied: that takes root on Linux\n');
  }
};
