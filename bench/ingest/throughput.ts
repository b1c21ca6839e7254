import type pg from 'pg';
import { median } from '../statistics/median.ts';
import { measureMs, walBytes } from '../store/measure.ts';

export interface Throughput {
  rowsPerSecond: number;
  walPerRow: number;
}

/** How fast the work writes this many rows, and how many bytes of the write-ahead log a row takes. */
export const measureThroughput = async (
  superuser: pg.Client,
  rows: number,
  work: () => Promise<unknown>,
): Promise<Throughput> => {
  const walBefore = await walBytes(superuser);
  const ms = await measureMs(work);
  return { rowsPerSecond: (rows / ms) * 1_000, walPerRow: ((await walBytes(superuser)) - walBefore) / rows };
};

export const medianOf = (throughputs: Throughput[]): Throughput => ({
  rowsPerSecond: median(throughputs.map(({ rowsPerSecond }) => rowsPerSecond)),
  walPerRow: median(throughputs.map(({ walPerRow }) => walPerRow)),
});
