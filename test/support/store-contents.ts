import type { TestDatabase } from './database.ts';

/** The tables of calls and of what is derived from them. */
const CONTENTS = `analytics.invocations, analytics.rejects, analytics.refresh_log, rollup.pending_batches,
  rollup.uncounted_calls, rollup.tool_5m, rollup.tool_hour, rollup.tool_day, rollup.tool_hour_figures,
  rollup.tenant_hour, rollup.tenant_day, rollup.tenant_window, rollup.tenant_window_bounds, rollup.tenant_figures,
  rollup.operator_window, rollup.error_hour, rollup.error_groups,
  rollup.tenant_error_groups, ops.error_group_states, rollup.measure_hour, rollup.tenants, rollup.rate_limits,
  rollup.http_hour, rollup.provider_hour, rollup.totals, rollup.admitted_names, rollup.gauges`;

/** Removes all calls, and all that is derived from them. */
export const clearStore = (db: TestDatabase): Promise<unknown> => db.rows(`truncate ${CONTENTS}`);

/** The names of everything that people may read: views and materialized views of `analytics`. */
export const readableViews = async (db: TestDatabase): Promise<string[]> => {
  const rows = await db.rows<{ name: string }>(`
    select oid::regclass::text as name from pg_class
    where relnamespace = 'analytics'::regnamespace and relkind in ('v', 'm') order by 1`);
  return rows.map(({ name }) => name);
};
