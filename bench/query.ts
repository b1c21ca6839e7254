import { parseArgs } from 'node:util';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type pg from 'pg';
import { createRouter } from '../lambdas/api/routes.ts';
import { DAY_MS, HOUR_MS } from '../lambdas/contract/durations.ts';
import { asOperator, asTenant } from '../lambdas/database/as-tenant.ts';
import { type Database, openDatabase } from '../lambdas/database/database.ts';
import { tools } from '../lambdas/tools/index.ts';
import { costFactsOf } from '../lib/bill/cost-facts.ts';
import { connect, fill } from './store/fill.ts';
import { measureMedianMs } from './store/measure.ts';
import { copyToSeedsTable } from './store/seeds-way.ts';
import { type StoreServer, startStoreServer } from './store/store-server.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- query [--rows 10000000]
Typical questions, answered from the summaries under row-level security and from raw rows with their indexes; seven days
of calls. Ten million rows take about seven minutes and 12 GB of disk.`;

/** The busiest tool and the busiest tenant. */
const TOOL = 'tool_000_lookup';
const TENANT = 'tenant-000';

/** A scrape by Prometheus, as a Function URL passes it on. */
const SCRAPE = {
  version: '2.0',
  routeKey: '$default',
  rawPath: '/metrics',
  rawQueryString: '',
  headers: { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5' },
  requestContext: { http: { method: 'GET', path: '/metrics' } },
  isBase64Encoded: false,
} as unknown as APIGatewayProxyEventV2;

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

/** Milliseconds each question takes. */
interface Durations {
  health: number;
  trend: number;
  topTools: number;
}

/** Prometheus is answered for this many tools: those of the other questions, and as many more with few calls. */
const TOOLS = 200;
const CALLS_OF_MORE_TOOLS = 100_000;

const prepareStore = async (server: StoreServer, calls: number): Promise<void> => {
  const { superuser } = server;
  await fill(server, { seed: 1, fromMs: Date.now() - 7 * DAY_MS + 600_000, spanMs: 7 * DAY_MS - 600_000, calls });
  await superuser.query('vacuum analyze');
  const refresher = await connect(server.urlFor('refresher'));
  await refresher.query('select analytics.refresh_all_views()');
  await refresher.query('select rollup.renew_tenant_figures(1000)');
  await refresher.end();
  process.stderr.write('  copying to the raw table\n');
  await copyToSeedsTable(superuser);
  await superuser.query('set jit = off');
};

const measureSummaries = async (reader: Database, since: Date): Promise<Durations> => {
  const query = (text: string, values: unknown[] = []) => asOperator(reader, (client) => client.query(text, values));
  return {
    health: await measureMedianMs(9, () => query(HEALTH)),
    trend: await measureMedianMs(9, () => query(TREND, [TOOL, since])),
    topTools: await measureMedianMs(9, () => asTenant(reader, TENANT, (client) => client.query(TOP_TOOLS))),
  };
};

const measureRawRows = async (superuser: pg.Client, since: Date): Promise<Durations> => ({
  health: await measureMedianMs(3, () => superuser.query(RAW_HEALTH)),
  trend: await measureMedianMs(3, () => superuser.query(RAW_TREND, [TOOL, since])),
  topTools: await measureMedianMs(3, () => superuser.query(RAW_TOP_TOOLS, [TENANT])),
});

/** What Prometheus is answered, from the request to the response: the function with its text, not only the statements. */
const measureMetrics = async (server: StoreServer, reader: Database): Promise<{ ms: number; samples: number }> => {
  const spanMs = HOUR_MS;
  await fill(server, { seed: 2, fromMs: Date.now() - spanMs, spanMs, calls: CALLS_OF_MORE_TOOLS, tools: TOOLS });
  const api = createRouter({
    database: reader,
    editor: reader,
    service: 'toolwatch',
    version: '1',
    frontDoor: { TOOLWATCH_TENANTS: 'on' },
    page: '',
    reference: () => '',
    openApi: () => '',
    costFacts: () => costFactsOf(tools),
    onError: (error) => process.stderr.write(`${error.stack}\n`),
  });
  const scrape = async (): Promise<string> => (await api.resolve(SCRAPE, {} as Context)).body ?? '';
  const text = await scrape();
  return {
    ms: await measureMedianMs(9, scrape),
    samples: text.split('\n').filter((line) => /^[a-z]/.test(line)).length,
  };
};

const reportResults = (summaries: Durations, raw: Durations, metrics: { ms: number; samples: number }): boolean => {
  printTable([
    { question: 'health of all tools', ms: summaries.health, 'raw ms': raw.health },
    { question: "the busiest tool's seven days by hour", ms: summaries.trend, 'raw ms': raw.trend },
    { question: "the busiest tenant's top tools with p95", ms: summaries.topTools, 'raw ms': raw.topTools },
    { question: `metrics of ${TOOLS} tools, ${metrics.samples} samples`, ms: metrics.ms, 'raw ms': '–' },
  ]);
  return checkLimits([
    { what: 'health of all tools, ms', measured: summaries.health, atMost: 10 },
    { what: "one tool's seven days by hour, ms", measured: summaries.trend, atMost: 20 },
    { what: "a tenant's top tools with p95, ms", measured: summaries.topTools, atMost: 30 },
    { what: 'metrics of all tools, ms', measured: metrics.ms, atMost: 100 },
    { what: 'health, times faster than over raw rows', measured: raw.health / summaries.health, atLeast: 50 },
    { what: 'trend, times faster than over raw rows', measured: raw.trend / summaries.trend, atLeast: 50 },
    { what: 'top tools, times faster than over raw rows', measured: raw.topTools / summaries.topTools, atLeast: 50 },
  ]);
};

export const run = async (options: string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: options,
    options: { rows: { type: 'string', default: '10000000' }, help: { type: 'boolean' } },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const server = await startStoreServer();
  const reader = openDatabase({ connectionString: server.urlFor('reader') });
  try {
    await prepareStore(server, Number(values.rows));
    const since = new Date(Date.now() - 7 * DAY_MS);
    const summaries = await measureSummaries(reader, since);
    const raw = await measureRawRows(server.superuser, since);
    return reportResults(summaries, raw, await measureMetrics(server, reader));
  } finally {
    await reader.close();
    await server.stop();
  }
};
