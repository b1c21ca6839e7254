import type { Database } from '../database/database.ts';
import { statement } from '../database/statements.ts';

/** Sizes of the store, in bytes. */
export interface Sizes {
  database_bytes: number;
  index_bytes: number;
  bloat_pct: number;
  /** Null where the server does not count statements. */
  slowest_statement_ms: number | null;
  /** Null while the store does not grow, is too young to tell, or nobody knows how large its disk is. */
  disk_full_in_days: number | null;
}

export interface Retained {
  /** Days for which partitions were made. */
  made: number;
  /** Days dropped, oldest first. */
  dropped: string[];
  /** Hourly cells folded into daily ones. */
  folded: number;
  sizes: Sizes;
}

/** How long summaries keep their hours; after it, days. A year and a month, for a look at the same month a year ago. */
const HOURS_KEPT_DAYS = 396;
/** Tries to drop one day before it gives up: a long read may hold the lock it needs, and each try waits for it two seconds. */
const TRIES = 5;
const LOCK_NOT_AVAILABLE = '55P03';

const one = <Row extends object>(database: Database, name: string, values: unknown[] = []): Promise<Row> =>
  database.run(async (client) => {
    const { rows } = await client.query<Row>(statement(name), values);
    if (!rows[0]) throw new Error(`${name} answered nothing`);
    return rows[0];
  });

const dropOldestDay = async (database: Database, days: number, triesLeft = TRIES): Promise<string | null> => {
  try {
    return (await one<{ day: string | null }>(database, 'retention-drop-day', [days])).day;
  } catch (error) {
    if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || triesLeft <= 1) throw error;
    return dropOldestDay(database, days, triesLeft - 1);
  }
};

/**
 * Makes the partitions of the coming days and drops those older than this many days (and two), one transaction each; folds
 * the summaries of the long past; notes how large the store is. Doing it twice does it once. `diskBytes` is how large its
 * disk may grow, 0 for unknown.
 */
export const retain = async (database: Database, days: number, diskBytes = 0): Promise<Retained> => {
  const { made } = await one<{ made: number }>(database, 'retention-make-days');
  const dropped: string[] = [];
  for (let day = await dropOldestDay(database, days); day !== null; day = await dropOldestDay(database, days))
    dropped.push(day);
  const { folded } = await one<{ folded: number }>(database, 'retention-fold-days', [HOURS_KEPT_DAYS]);
  return { made, dropped, folded, sizes: await one<Sizes>(database, 'retention-sample-sizes', [diskBytes]) };
};
