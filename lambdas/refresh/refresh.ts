import type { Database } from '../database/database.ts';
import { statement } from '../database/statements.ts';

/** Batches rolled up in one transaction when many wait, so that none of them runs for minutes. */
const BATCHES_AT_ONCE = 500;

export interface RefreshedView {
  view_name: string;
  duration_ms: number;
  outcome: 'refreshed' | 'skipped' | 'failed';
  error: string | null;
}

export interface Refreshed {
  /** Empty when another refresh was at it. */
  views: RefreshedView[];
  /** Age of the newest stored call; null before the first. */
  data_age_seconds: number | null;
}

/** Rolls up what waits, then refreshes every summary. Throws when the store is down; a view that fails is in the answer. */
export const refresh = (database: Database): Promise<Refreshed> =>
  database.run(async (client) => {
    for (let calls = -1; calls !== 0; ) {
      const { rows } = await client.query<{ calls: number }>(statement('refresh-roll-up'), [BATCHES_AT_ONCE]);
      calls = rows[0]?.calls ?? 0;
    }
    const { rows: views } = await client.query<RefreshedView>(statement('refresh-views'));
    const { rows } = await client.query<{ data_age_seconds: number | null }>(statement('refresh-freshness'));
    return { views, data_age_seconds: rows[0]?.data_age_seconds ?? null };
  });
