import { parseArgs } from 'node:util';
import type pg from 'pg';
import { connect, fill } from './store/fill.ts';
import { asMonthsLater, figure, medianOf, timed } from './store/measure.ts';
import { copyToSeedsTable } from './store/seeds-way.ts';
import { type StoreServer, startStoreServer } from './store/store-server.ts';
import { checkLimits, printTable } from './table.ts';

const USAGE = `npm run bench -- refresh [--rows 10000000] [--small 1000000]
Renewing the 24-hour views: from roll-ups, and from raw rows with percentile_cont; how far percentiles are off; dropping a
day against deleting it. Ten million rows take about ten minutes and 20 GB of disk.`;

const HOUR_MS = 3_600_000;
/** The calls of the last 24 hours, all of them still inside the window when the last measurement is done. */
const SPAN_MS = 23 * HOUR_MS;
const FIVE_MINUTES_A_DAY = 288;
const VIEWS = ['tool_error_rate_24h', 'tool_latency_p50_p95_24h'];

/** What the first refresh of an hour does beside. */
const mergeWindow = (client: pg.Client) => client.query('select rollup.renew_operator_window()');

const refreshViews = async (client: pg.Client, schema: string): Promise<void> => {
  for (const view of VIEWS) await client.query(`refresh materialized view concurrently ${schema}.${view}`);
};

/** The largest relative error of any percentile of any tool, against percentile_cont over the calls themselves. */
const WORST_ERROR = `
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

interface Removal {
  calls: number;
  /** Milliseconds. */
  dropped: number;
  deleted: number;
}

/** Drops the fullest day as retention does; deletes its calls from a copy and vacuums that. */
const removeDay = async (client: pg.Client): Promise<Removal> => {
  await keepOnlyDaysWithCalls(client);
  const { rows } = await client.query<{ day: string; date: string; calls: string }>(`
    select inhrelid::regclass::text as day, to_date(right(relname, 8), 'YYYYMMDD')::text as date, reltuples as calls
    from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'analytics.invocations'::regclass and relname ~ '_\\d{8}$' order by reltuples desc limit 1`);
  const [fullest] = rows;
  if (!fullest) throw new Error('there is no day to remove');
  await client.query(`create table copied_day (like ${fullest.day} including all)`);
  await client.query(`insert into copied_day select * from ${fullest.day}`);
  await client.query('vacuum analyze copied_day');
  await asMonthsLater(client);
  const dropped = await dropUntil(client, fullest.date);
  await asMonthsLater(client);
  const deleted = await timed(async () => {
    await client.query('delete from copied_day');
    await client.query('vacuum copied_day');
  });
  return { calls: Number(fullest.calls), dropped, deleted };
};

/** Drops days, oldest first, up to this one. How long that one took, in milliseconds. */
const dropUntil = async (client: pg.Client, date: string): Promise<number> => {
  for (;;) {
    let day: string | undefined;
    const ms = await timed(async () => {
      const { rows } = await client.query<{ day: string }>('select analytics.drop_oldest_day(1)::text as day');
      day = rows[0]?.day;
    });
    if (day === date) return ms;
    if (!day) throw new Error(`${date} was not dropped`);
  }
};

/** Leaves the days that hold the calls, and says it is a month later: then all of them are past keeping. */
const keepOnlyDaysWithCalls = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ day: string }>(`
    select inhrelid::regclass::text as day from pg_inherits
    where inhparent = 'analytics.invocations'::regclass and pg_relation_size(inhrelid) = 0
      and inhrelid <> 'analytics.invocations_default'::regclass`);
  for (const { day } of rows) await client.query(`drop table ${day}`);
  await client.query(`set analytics.now = '${new Date(Date.now() + 30 * 24 * HOUR_MS).toISOString()}'`);
};

const withFiveMinutesWaiting = async (server: StoreServer, rows: number, seed: number): Promise<number> => {
  const calls = Math.round(rows / FIVE_MINUTES_A_DAY);
  const spanMs = HOUR_MS / 12;
  await fill(server, { seed, fromMs: Date.now() - spanMs, spanMs, calls }, { rollUp: false });
  const refresher = await connect(server.urlFor('refresher'));
  const ms = await timed(() => refresher.query('select analytics.refresh_all_views()'));
  await refresher.end();
  return ms;
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
  const [rows, small] = [Number(values.rows), Number(values.small)];
  const server = await startStoreServer();
  const { superuser } = server;
  try {
    const traffic = { fromMs: Date.now() - 23.5 * HOUR_MS, spanMs: SPAN_MS };
    await fill(server, { ...traffic, seed: 1, calls: small });
    await superuser.query('vacuum analyze');
    await mergeWindow(superuser);
    await refreshViews(superuser, 'analytics');
    const ofSmall = await medianOf(5, () => refreshViews(superuser, 'analytics'));
    await fill(server, { ...traffic, seed: 2, calls: rows - small });
    await superuser.query('vacuum analyze');
    const merging = await timed(() => mergeWindow(superuser));
    await refreshViews(superuser, 'analytics');
    const ofAll = await medianOf(5, () => refreshViews(superuser, 'analytics'));
    const worst = await figure(superuser, WORST_ERROR);
    const waiting = await medianOfWaiting(server, rows);
    process.stderr.write('  copying to the raw table\n');
    await copyToSeedsTable(superuser);
    const raw = await medianOf(2, () => refreshViews(superuser, 'seeds'));
    process.stderr.write('  removing\n');
    const removal = await removeDay(superuser);

    const count = (calls: number) => `${calls.toLocaleString('en')} calls`;
    printTable([
      { what: `24-hour views from roll-ups, ${count(small)}`, ms: ofSmall },
      { what: `24-hour views from roll-ups, ${count(rows)}`, ms: ofAll },
      { what: 'merging the hours that are over, once an hour', ms: merging },
      { what: 'roll-up of five minutes of traffic and all views', ms: waiting },
      { what: '24-hour views from raw rows', ms: raw },
      { what: `dropping a day of ${count(removal.calls)}`, ms: removal.dropped },
      { what: `DELETE and VACUUM of a day of ${count(removal.calls)}`, ms: removal.deleted },
    ]);
    return checkLimits([
      { what: 'refresh from roll-ups, times faster than from raw rows', measured: raw / ofAll, atLeast: 80 },
      { what: 'the same with five minutes waiting', measured: raw / waiting, atLeast: 40 },
      { what: `growth from ${count(small)} to ${count(rows)}`, measured: ofAll / ofSmall, atMost: 2 },
      { what: 'largest error of a percentile, %', measured: worst * 100, atMost: 1 },
      { what: 'dropping a day, times faster than deleting', measured: removal.deleted / removal.dropped, atLeast: 20 },
    ]);
  } finally {
    await server.stop();
  }
};

const medianOfWaiting = async (server: StoreServer, rows: number): Promise<number> => {
  const measured: number[] = [];
  for (let round = 0; round < 3; round += 1) measured.push(await withFiveMinutesWaiting(server, rows, 100 + round));
  return measured.sort((one, other) => one - other)[1] ?? 0;
};
