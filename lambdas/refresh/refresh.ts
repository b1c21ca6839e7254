import type pg from 'pg';
import type { Database } from '../database/database.ts';
import { statement } from '../database/statements.ts';

/** Batches rolled up in one transaction when many wait, so that none of them runs for minutes. */
const BATCHES_AT_ONCE = 500;
/** Tenants whose figures are worked out in one transaction, for the same reason. */
const TENANTS_AT_ONCE = 20;

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

/** Repeats a statement that does so much at a time and answers how much it did. */
const untilNothingIsLeft = async (client: pg.Client, name: string, atOnce: number): Promise<void> => {
  for (let done = -1; done !== 0; ) {
    const { rows } = await client.query<Record<string, number>>(statement(name), [atOnce]);
    done = Object.values(rows[0] ?? {})[0] ?? 0;
  }
};

/** Rolls up what waits, then refreshes every summary. Throws when the store is down; a view that fails is in the answer. */
export const refresh = (database: Database): Promise<Refreshed> =>
  database.run(async (client) => {
    await untilNothingIsLeft(client, 'refresh-roll-up', BATCHES_AT_ONCE);
    const { rows: views } = await client.query<RefreshedView>(statement('refresh-views'));
    await untilNothingIsLeft(client, 'refresh-tenant-figures', TENANTS_AT_ONCE);
    const { rows } = await client.query<{ data_age_seconds: number | null }>(statement('refresh-freshness'));
    return { views, data_age_seconds: rows[0]?.data_age_seconds ?? null };
  });
