import type { Database } from '../database/database.ts';
import { statement } from '../database/statements.ts';

export interface Retained {
  /** Days for which partitions were made. */
  made: number;
  /** Days dropped, oldest first. */
  dropped: string[];
}

/** Tries to drop one day before it gives up, a moment apart: a long read may hold the lock it needs. */
const TRIES = 5;
const LOCK_NOT_AVAILABLE = '55P03';

const dropOldestDay = (database: Database, days: number, triesLeft = TRIES): Promise<string | null> =>
  database
    .run(async (client) => {
      const { rows } = await client.query<{ day: string | null }>(statement('retention-drop-day'), [days]);
      return rows[0]?.day ?? null;
    })
    .catch((error: unknown) => {
      // The lock was waited for already, two seconds of it.
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || triesLeft <= 1) throw error;
      return dropOldestDay(database, days, triesLeft - 1);
    });

/** Makes the partitions of the coming days and drops those older than this many days (and two), one transaction each. */
export const retain = async (database: Database, days: number): Promise<Retained> => {
  const made = await database.run(async (client) => {
    const { rows } = await client.query<{ made: number }>(statement('retention-make-days'));
    return rows[0]?.made ?? 0;
  });
  const dropped: string[] = [];
  for (let day = await dropOldestDay(database, days); day !== null; day = await dropOldestDay(database, days))
    dropped.push(day);
  return { made, dropped };
};
