import { writeFileSync } from 'node:fs';
import type pg from 'pg';

/** How long the work took, in milliseconds. */
export const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

export const median = (values: number[]): number => {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
};

/** The median of several times, in milliseconds. */
export const medianOf = async (times: number, work: () => Promise<unknown>): Promise<number> => {
  const measured: number[] = [];
  for (let time = 0; time < times; time += 1) measured.push(await timed(work));
  return median(measured);
};

/** How many bytes have ever been written to the write-ahead log. */
export const walBytes = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ bytes: string }>(`select pg_current_wal_insert_lsn() - '0/0' as bytes`);
  return Number(rows[0]?.bytes ?? 0);
};

/** The first value of the first row, as a number. */
export const figure = async (client: pg.Client, text: string): Promise<number> => {
  const { rows } = await client.query<Record<string, unknown>>(text);
  return Number(Object.values(rows[0] ?? {})[0] ?? Number.NaN);
};

/**
 * What was stored last is on disk, and in no cache of the system's where this process may empty them (it takes root): as it is
 * with what retention removes.
 */
export const asMonthsLater = async (client: pg.Client): Promise<void> => {
  await client.query('checkpoint');
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '3');
  } catch {
    process.stderr.write('  caches stay as they are: emptying them takes root on Linux\n');
  }
};
