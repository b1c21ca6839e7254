import { parseArgs } from 'node:util';
import { asOperator, asTenant } from '../lambdas/database/as-tenant.ts';
import { type Database, openDatabase } from '../lambdas/database/database.ts';
import { connect, fill } from './store/fill.ts';
import { medianOf } from './store/measure.ts';
import { copyToSeedsTable } from './store/seeds-way.ts';
import { startStoreServer } from './store/store-server.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- query [--rows 10000000]
What people ask, from the summaries under row-level security and from raw rows with their indexes; seven days of calls.
Ten million rows take about seven minutes and 12 GB of disk.`;

const DAY_MS = 86_400_000;
/** The busiest of both. */
const TOOL = 'tool_000_lookup';
const TENANT = 'tenant-000';

const HEALTH = 'select * from analytics.tool_health_summary';
const TREND = `
select * from analytics.tool_hourly
where tool_name = $1 and hour >= $2
order by hour`;
const TOP_TOOLS = `
select tool_name, total_invocations, error_rate_pct, p95_ms
from analytics.tool_health_summary
order by total_invocations desc
limit 10`;

const RAW_HEALTH = `
select
  tool_name, count(*), count(*) filter (where not success), mode() within group (order by error_code),
  percentile_cont(array[0.5, 0.95]) within group (order by duration_ms) filter (where success),
  percentile_cont(0.95) within group (order by duration_ms), max(created_at)
from seeds.tool_invocations
where created_at >= now() - interval '24 hours'
group by tool_name`;
const RAW_TREND = `
select date_trunc('hour', created_at), count(*), count(*) filter (where not success),
  percentile_cont(array[0.5, 0.95, 0.99]) within group (order by duration_ms)
from seeds.tool_invocations
where tool_name = $1 and created_at >= $2
group by 1
order by 1`;
const RAW_TOP_TOOLS = `
select tool_name, count(*), avg((not success)::integer), percentile_cont(0.95) within group (order by duration_ms)
from seeds.tool_invocations
where tenant_id = $1 and created_at >= now() - interval '24 hours'
group by 1
order by 2 desc
limit 10`;

const house = (reader: Database, text: string, values: unknown[] = []) =>
  asOperator(reader, (client) => client.query(text, values));

export const run = async (options: string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: options,
    options: { rows: { type: 'string', default: '10000000' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const calls = Number(values.rows);
  const server = await startStoreServer();
  const { superuser } = server;
  const reader = openDatabase({ connectionString: server.urlFor('reader') });
  try {
    await fill(server, { seed: 1, fromMs: Date.now() - 7 * DAY_MS + 600_000, spanMs: 7 * DAY_MS - 600_000, calls });
    await superuser.query('vacuum analyze');
    const refresher = await connect(server.urlFor('refresher'));
    await refresher.query('select analytics.refresh_all_views()');
    await refresher.query('select rollup.renew_tenant_figures(1000)');
    await refresher.end();
    process.stderr.write('  copying to the raw table\n');
    await copyToSeedsTable(superuser);
    await superuser.query('set jit = off');

    const since = new Date(Date.now() - 7 * DAY_MS);
    const shown = {
      health: await medianOf(9, () => house(reader, HEALTH)),
      trend: await medianOf(9, () => house(reader, TREND, [TOOL, since])),
      topTools: await medianOf(9, () => asTenant(reader, TENANT, (client) => client.query(TOP_TOOLS))),
    };
    const raw = {
      health: await medianOf(3, () => superuser.query(RAW_HEALTH)),
      trend: await medianOf(3, () => superuser.query(RAW_TREND, [TOOL, since])),
      topTools: await medianOf(3, () => superuser.query(RAW_TOP_TOOLS, [TENANT])),
    };

    printTable([
      { question: 'health of all tools', ms: shown.health, 'raw ms': raw.health },
      { question: "the busiest tool's seven days by hour", ms: shown.trend, 'raw ms': raw.trend },
      { question: "the busiest tenant's top tools with p95", ms: shown.topTools, 'raw ms': raw.topTools },
    ]);
    return checkLimits([
      { what: 'health of all tools, ms', measured: shown.health, atMost: 10 },
      { what: "one tool's seven days by hour, ms", measured: shown.trend, atMost: 20 },
      { what: "a tenant's top tools with p95, ms", measured: shown.topTools, atMost: 30 },
      { what: 'health, times faster than over raw rows', measured: raw.health / shown.health, atLeast: 50 },
      { what: 'trend, times faster than over raw rows', measured: raw.trend / shown.trend, atLeast: 50 },
      { what: 'top tools, times faster than over raw rows', measured: raw.topTools / shown.topTools, atLeast: 50 },
    ]);
  } finally {
    await reader.close();
    await server.stop();
  }
};
