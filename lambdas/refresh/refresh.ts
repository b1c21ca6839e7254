import type pg from 'pg';
import type { Database } from '../database/database.ts';
import { readStatement } from '../database/statements.ts';

/** How many waiting batches one transaction rolls up, so that no transaction runs for minutes. */
const MAX_BATCHES = 500;
/** How many tenants' figures one transaction calculates, for the same reason. */
const MAX_TENANTS = 20;

interface RefreshedView {
  view_name: string;
  duration_ms: number;
  outcome: 'refreshed' | 'skipped' | 'failed';
  error: string | null;
}

export interface RefreshResult {
  /** Empty when another refresh was running. */
  views: RefreshedView[];
  /** Age of the newest stored call; null before the first. */
  data_age_seconds: number | null;
}

/** Repeats a statement that processes at most `max` items and returns how many it processed, until none are left. */
const repeatUntilDone = async (client: pg.ClientBase, name: string, max: number): Promise<void> => {
  for (let done = -1; done !== 0; ) {
    const { rows } = await client.query<Record<string, number>>(readStatement(name), [max]);
    done = Object.values(rows[0] ?? {})[0] ?? 0;
  }
};

/**
 * Rolls up the waiting batches, then refreshes every summary. Throws when the store is down; a failed view is in the
 * result.
 */
export const refresh = (database: Database): Promise<RefreshResult> =>
  database.run(async (client) => {
    await repeatUntilDone(client, 'refresh-roll-up', MAX_BATCHES);
    const { rows: views } = await client.query<RefreshedView>(readStatement('refresh-views'));
    await repeatUntilDone(client, 'refresh-tenant-figures', MAX_TENANTS);
    const { rows } = await client.query<{ data_age_seconds: number | null }>(readStatement('refresh-freshness'));
    return { views, data_age_seconds: rows[0]?.data_age_seconds ?? null };
  });
