import type { Database } from '../database/database.ts';
import { readStatement } from '../database/statements.ts';

/** Sizes of the store, in bytes. */
interface Sizes {
  database_bytes: number;
  index_bytes: number;
  bloat_pct: number;
  /** Null where the server does not count statements. */
  slowest_statement_ms: number | null;
  /** Null while the store does not grow, is too new for an estimate, or its disk's size is unknown. */
  disk_full_in_days: number | null;
}

export interface RetentionResult {
  /** How many days got a partition. */
  made: number;
  /** The days dropped, the oldest first. */
  dropped: string[];
  /** How many days are past their retention and wait to be archived. */
  waiting: number;
  /** How many hourly cells were folded into daily ones. */
  folded: number;
  /** How many groups of failures were forgotten, because they have not been seen for long. */
  forgotten: number;
  /** How many jobs were deleted that had been over for long. */
  forgotten_jobs: number;
  sizes: Sizes;
}

/**
 * For how many days summaries stay hourly before they become daily: a year and a month, to compare with the same month
 * last year.
 */
const HOURLY_RETENTION_DAYS = 396;
/**
 * How often dropping one day is tried: a long read may hold the lock it needs, and each try waits two seconds for it.
 */
const MAX_TRIES = 5;
const LOCKED = ['55P03', '40P01'];
/** Raised for a day that is to be archived before it is dropped. The archive has its own alarms. */
const NOT_ARCHIVED = 'TW001';
/** How many jobs one transaction deletes, and how many transactions of a run do: what is left waits for the next day. */
const JOBS_OF_BATCH = 5_000;
const MAX_JOB_BATCHES = 200;

const codeOf = (error: unknown): string | undefined => (error as { code?: string }).code;

const queryRow = <Row extends object>(database: Database, name: string, values: unknown[] = []): Promise<Row> =>
  database.run(async (client) => {
    const { rows } = await client.query<Row>(readStatement(name), values);
    if (!rows[0]) throw new Error(`${name} returned no row`);
    return rows[0];
  });

const dropOldestDay = async (database: Database, days: number, triesLeft = MAX_TRIES): Promise<string | null> => {
  try {
    return (await queryRow<{ day: string | null }>(database, 'retention-drop-day', [days])).day;
  } catch (error) {
    if (codeOf(error) === NOT_ARCHIVED) return null;
    if (!LOCKED.includes(codeOf(error) ?? '') || triesLeft <= 1) throw error;
    return dropOldestDay(database, days, triesLeft - 1);
  }
};

const forgetJobs = async (database: Database, days: number): Promise<number> => {
  let sum = 0;
  for (let batch = 0; batch < MAX_JOB_BATCHES; batch += 1) {
    const values = [days, JOBS_OF_BATCH];
    const { forgotten } = await queryRow<{ forgotten: number }>(database, 'retention-forget-jobs', values);
    sum += forgotten;
    if (forgotten < JOBS_OF_BATCH) break;
  }
  await queryRow(database, 'retention-forget-job-batches', [days]);
  return sum;
};

/**
 * Makes the partitions of the coming days and drops those older than `days` (plus two), one transaction each, where
 * days are archived only those that are; folds old hourly summaries into daily ones; forgets old groups of failures and
 * old jobs; records how large the store is. Idempotent.
 * `diskBytes` is how large the store's disk may grow, 0 for unknown.
 */
export const applyRetention = async (database: Database, days: number, diskBytes = 0): Promise<RetentionResult> => {
  const { made } = await queryRow<{ made: number }>(database, 'retention-make-days');
  const dropped: string[] = [];
  for (let day = await dropOldestDay(database, days); day !== null; day = await dropOldestDay(database, days))
    dropped.push(day);
  const { waiting } = await queryRow<{ waiting: number }>(database, 'retention-days-to-archive', [days]);
  const { folded } = await queryRow<{ folded: number }>(database, 'retention-fold-days', [HOURLY_RETENTION_DAYS]);
  const { forgotten } = await queryRow<{ forgotten: number }>(database, 'retention-forget-error-groups');
  return {
    made,
    dropped,
    waiting,
    folded,
    forgotten,
    forgotten_jobs: await forgetJobs(database, days),
    sizes: await queryRow<Sizes>(database, 'retention-sample-sizes', [diskBytes]),
  };
};
