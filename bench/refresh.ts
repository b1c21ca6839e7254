import { parseArgs } from 'node:util';
import type pg from 'pg';
import { HOUR_MS } from '../lambdas/contract/durations.ts';
import { type DayRemoval, measureDayRemoval } from './refresh/remove-day.ts';
import { median } from './statistics/median.ts';
import { connect, fill } from './store/fill.ts';
import { measureMedianMs, measureMs, queryNumber } from './store/measure.ts';
import { copyToSeedsTable } from './store/seeds-way.ts';
import { type StoreServer, startStoreServer } from './store/store-server.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- refresh [--rows 10000000] [--small 1000000]
Refreshing the 24-hour views from roll-ups, and from raw rows with percentile_cont; the error of percentiles; dropping a
day against deleting it. Ten million rows take about ten minutes and 20 GB of disk.`;

/** All calls of the last 24 hours must still be inside that window when the last measurement ends. */
const SPAN_MS = 23 * HOUR_MS;
const FIVE_MINUTES_PER_DAY = 288;
const PENDING_ROUNDS = 3;
const VIEWS = ['tool_error_rate_24h', 'tool_latency_p50_p95_24h'];

/** The largest relative error of any percentile of any tool, against percentile_cont over the calls themselves. */
const MAX_ERROR = `
with exact as (
  select
    name as tool_name,
    percentile_cont(array[0.5, 0.95, 0.99]) within group (order by duration_ms) filter (where success) as successes,
    percentile_cont(array[0.95, 0.99]) within group (order by duration_ms) as every_call,
    percentile_cont(0.95) within group (order by duration_ms) filter (where not cold_start) as warm,
    percentile_cont(0.95) within group (order by duration_ms) filter (where cold_start) as cold
  from analytics.invocations
  group by name
)
select max(abs(shown - truth) / truth)
from analytics.tool_latency_p50_p95_24h
join exact using (tool_name)
cross join lateral (values
  (p50_ms, successes[1]), (p95_ms, successes[2]), (p99_ms, successes[3]), (p95_all_ms, every_call[1]),
  (p99_all_ms, every_call[2]), (p95_warm_ms, warm), (p95_cold_ms, cold)) as pair (shown, truth)`;

/** The first refresh of an hour does this as well. */
const mergeWindow = (client: pg.Client) => client.query('select rollup.renew_operator_window()');

const refreshViews = async (client: pg.Client, schema: string): Promise<void> => {
  for (const view of VIEWS) await client.query(`refresh materialized view concurrently ${schema}.${view}`);
};

/** Stores five minutes of traffic, and measures the refresh that rolls them up. */
const measureRefreshWithPending = async (server: StoreServer, rows: number, seed: number): Promise<number> => {
  const calls = Math.round(rows / FIVE_MINUTES_PER_DAY);
  const spanMs = HOUR_MS / 12;
  await fill(server, { seed, fromMs: Date.now() - spanMs, spanMs, calls }, { rollUp: false });
  const refresher = await connect(server.urlFor('refresher'));
  const ms = await measureMs(() => refresher.query('select analytics.refresh_all_views()'));
  await refresher.end();
  return ms;
};

interface Results {
  /** How many calls the store has in the first and in all other measurements. */
  small: number;
  rows: number;
  /** Milliseconds of each refresh. */
  smallMs: number;
  fullMs: number;
  mergeMs: number;
  pendingMs: number;
  rawMs: number;
  largestError: number;
  removal: DayRemoval;
}

const measureAll = async (server: StoreServer, rows: number, small: number): Promise<Results> => {
  const { superuser } = server;
  const traffic = { fromMs: Date.now() - 23.5 * HOUR_MS, spanMs: SPAN_MS };
  await fill(server, { ...traffic, seed: 1, calls: small });
  await superuser.query('vacuum analyze');
  await mergeWindow(superuser);
  await refreshViews(superuser, 'analytics');
  const smallMs = await measureMedianMs(5, () => refreshViews(superuser, 'analytics'));
  await fill(server, { ...traffic, seed: 2, calls: rows - small });
  await superuser.query('vacuum analyze');
  const mergeMs = await measureMs(() => mergeWindow(superuser));
  await refreshViews(superuser, 'analytics');
  const fullMs = await measureMedianMs(5, () => refreshViews(superuser, 'analytics'));
  const largestError = await queryNumber(superuser, MAX_ERROR);
  const pending: number[] = [];
  for (let round = 0; round < PENDING_ROUNDS; round += 1)
    pending.push(await measureRefreshWithPending(server, rows, 100 + round));
  process.stderr.write('  copying to the raw table\n');
  await copyToSeedsTable(superuser);
  const rawMs = await measureMedianMs(2, () => refreshViews(superuser, 'seeds'));
  process.stderr.write('  removing a day\n');
  const removal = await measureDayRemoval(superuser);
  return { small, rows, smallMs, fullMs, mergeMs, pendingMs: median(pending), rawMs, largestError, removal };
};

const reportResults = (results: Results): boolean => {
  const { smallMs, fullMs, pendingMs, rawMs, removal } = results;
  const countCalls = (calls: number) => `${calls.toLocaleString('en')} calls`;
  const [small, all, day] = [countCalls(results.small), countCalls(results.rows), countCalls(removal.calls)];
  printTable([
    { what: `24-hour views from roll-ups, ${small}`, ms: smallMs },
    { what: `24-hour views from roll-ups, ${all}`, ms: fullMs },
    { what: 'merging the completed hours, once an hour', ms: results.mergeMs },
    { what: 'roll-up of five minutes of traffic and all views', ms: pendingMs },
    { what: '24-hour views from raw rows', ms: rawMs },
    { what: `dropping a day of ${day}`, ms: removal.dropMs },
    { what: `DELETE and VACUUM of a day of ${day}`, ms: removal.deleteMs },
  ]);
  return checkLimits([
    { what: 'refresh from roll-ups, times faster than from raw rows', measured: rawMs / fullMs, atLeast: 80 },
    { what: 'the same with five minutes pending', measured: rawMs / pendingMs, atLeast: 40 },
    { what: `growth from ${small} to ${all}`, measured: fullMs / smallMs, atMost: 2 },
    { what: 'largest error of a percentile, %', measured: results.largestError * 100, atMost: 1 },
    { what: 'dropping a day, times faster than deleting', measured: removal.deleteMs / removal.dropMs, atLeast: 20 },
  ]);
};

export const run = async (options: string[]): Promise<boolean> => {
  const { values } = parseArgs({
    args: options,
    options: {
      rows: { type: 'string', default: '10000000' },
      small: { type: 'string', default: '1000000' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return true;
  }
  const server = await startStoreServer();
  try {
    return reportResults(await measureAll(server, Number(values.rows), Number(values.small)));
  } finally {
    await server.stop();
  }
};
