import { describe, expect, test } from 'vitest';
import { DAY_MS, MINUTE_MS } from '../../lambdas/contract/durations.ts';
import type { Database } from '../../lambdas/database/database.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { applyRetention } from '../../lambdas/retention/retention.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';

/** What maintenance does where it did not run, or has run for long. */

const dateOf = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

describe('while retention does not run', async () => {
  const db = await testDatabase();
  const [writer, refresher, retention] = [db.as('writer'), db.as('refresher'), db.as('retention')];
  const partitionOf = (day: string) => `invocations_${day.replaceAll('-', '')}`;
  const undated = async () => (await db.rows('select from analytics.invocations_default')).length;

  test('calls without a partition are stored and counted, and retention finds a place for each when it runs', async () => {
    // As if retention had stopped three days before the last partition that it made was full.
    for (const day of Array.from({ length: 18 }, (_, at) => dateOf(at - 3)))
      await db.rows(`drop table if exists analytics.${partitionOf(day)}`);
    const moments = [2 * DAY_MS, 2 * DAY_MS + 1, DAY_MS, MINUTE_MS, 0, -60 * MINUTE_MS];
    const timely = moments.map((agoMs) => anInvocation({ started_at: new Date(Date.now() - agoMs).toISOString() }));
    const early = anInvocation({ started_at: new Date(Date.now() + 3 * DAY_MS).toISOString() });
    const more = Array.from({ length: 20 }, () => anInvocation());
    expect(await store(writer, [...timely, early])).toEqual({ stored: timely.length, duplicates: 0, rejected: 1 });
    expect(await undated()).toBe(timely.length);

    // Calls come while retention moves others.
    const [{ made }, ...stored] = await Promise.all([
      applyRetention(retention, 90),
      ...more.map((call) => store(writer, [call])),
    ]);
    expect(made).toBeGreaterThanOrEqual(18);
    expect(stored).toEqual(more.map(() => ({ stored: 1, duplicates: 0, rejected: 0 })));
    expect(await undated()).toBe(0);
    expect((await refresh(refresher)).failures).toEqual([]);
    expect(await db.rows('select sum(calls) as calls from rollup.tool_hour')).toEqual([
      { calls: timely.length + more.length },
    ]);
    expect(await store(writer, timely)).toEqual({ stored: 0, duplicates: timely.length, rejected: 0 });
    expect(await db.rows('select reject_id, deliveries from analytics.rejects')).toEqual([
      { reject_id: early.event_id, deliveries: 1 },
    ]);
    expect((await applyRetention(retention, 90)).made).toBe(0);
  });

  test.each(['2027-02-28', '2028-02-29', '2027-04-30', '2027-12-31', '2100-02-28'])(
    'calls before and after the end of %s come into the partition of their day',
    async (lastDay) => {
      const day = (after: number) => new Date(Date.parse(lastDay) + after * DAY_MS).toISOString().slice(0, 10);
      const makeDays = (from: string, to: string) =>
        retention.run((client) => client.query('select analytics.make_days($1, $2) as made', [from, to]));
      await makeDays(day(-3), day(-2));
      const days = [-2, -1, 0, 1, 2, 3].map(day);
      const moments = days.flatMap((date) =>
        ['00:00:00', '12:00:00', '23:59:59.999'].map((time) => `${date}T${time}Z`),
      );
      await db.rows(
        `insert into analytics.invocations (started_at, finished_at, batch_id, duration_ms, event_id, attempts,
           cold_start, success, kind, name, tenant_id, service, environment, version, correlation_id)
         select at, at, 1, 1, gen_random_uuid(), 1, false, true, 'tool', $2, 'acme', 's', 'e', 'v', 'c'
         from unnest($1::timestamptz[]) as at`,
        [moments, lastDay],
      );
      expect(await undated()).toBe(15);
      const { rows } = await makeDays(day(-3), day(10));
      expect(rows).toEqual([{ made: 12 }]);
      expect(await undated()).toBe(0);
      const places = await db.rows(
        `select tableoid::regclass::text as place, count(*) as calls from analytics.invocations
         where name = $1 group by 1 order by 1`,
        [lastDay],
      );
      expect(places).toEqual(days.map((date) => ({ place: `analytics.${partitionOf(date)}`, calls: 3 })));
    },
  );
});

/** The same database for somebody whose clock is ahead; only the owner's functions believe it. */
const ahead = (database: Database, days: number): Database => ({
  ...database,
  run: (work, signal) =>
    database.run(async (client) => {
      await client.query(`set analytics.now = '${new Date(Date.now() + days * DAY_MS).toISOString()}'`);
      return work(client).finally(() => client.query('reset analytics.now'));
    }, signal),
});

/** What is not of the past: the settings of the store, what each deployment says of it, and what people decide. */
const CURRENT = [
  'analytics.horizon',
  'analytics.tool_thresholds',
  'ops.alert_rule_states',
  'ops.alert_rules',
  'rollup.progress',
];
/** What is retained for ever, and how many rows of it there are for a hundred days in which each had names of its own. */
const RETAINED: Readonly<Record<string, number>> = {
  'analytics.deployments': 1,
  'rollup.admitted_names': 500,
  'rollup.error_groups': 100,
  'rollup.error_hour': 100,
  'rollup.http_hour': 100,
  'rollup.measure_hour': 400,
  'rollup.provider_hour': 100,
  'rollup.tenant_day': 400,
  'rollup.tenant_error_groups': 100,
  'rollup.tenants': 100,
  'rollup.tool_day': 400,
  'rollup.totals': 1_000,
};
/** What is computed anew by each run, of the past or not. */
const OF_THE_RUN: Readonly<Record<string, number>> = { 'analytics.refresh_log': 20, 'analytics.size_samples': 1 };

test('when the calls of a hundred days are dropped, no table has rows of them but the summaries', async () => {
  const db = await testDatabase();
  const [owner, writer] = [db.as('owner'), db.as('writer')];
  const DAYS = 88;
  await owner.run((client) =>
    client.query('select analytics.make_days(current_date - $1::integer, current_date)', [DAYS]),
  );
  const calls = Array.from({ length: DAYS }, (_, days) => {
    const own = {
      started_at: new Date(Date.now() - days * DAY_MS - MINUTE_MS).toISOString(),
      tenant_id: `tenant_${days}`,
    };
    const failed = { error_code: 'TIMEOUT', error_fingerprint: `v3:${days}`, fault: 'ours' } as const;
    const limit = { rate_limit_count: 1, rate_limit_max: 2 };
    return [
      anInvocation({
        ...own,
        name: `tool_${days}`,
        metadata: { dependencies: { shop: { calls: 1, failed: 0, ms: 1 } } },
      }),
      anInvocation({ ...own, name: `tool_${days}`, ...failed }),
      anInvocation({ ...own, kind: 'http', name: `GET /${days}`, metadata: { gauges: { [`gauge_${days}`]: 1 } } }),
      anInvocation({ ...own, kind: 'webhook', name: `hook_${days}`, measures: { ...limit, sum: 1 } }),
    ];
  }).flat();
  expect(await store(writer, calls)).toMatchObject({ stored: calls.length });
  await store(writer, [anInvocation({ started_at: new Date(Date.now() - 100 * DAY_MS).toISOString() })]);
  expect((await refresh(db.as('refresher'))).failures).toEqual([]);
  const [group] = await db.rows<{ group_id: string }>('select group_id from rollup.error_groups limit 1');
  await db.rows(
    `insert into ops.error_group_states (group_id, state, changed_by) values ('${group?.group_id}', 'resolved', 'me')`,
  );
  await applyRetention(owner, 90);

  const later = ahead(owner, 500);
  expect((await applyRetention(later, 2)).dropped.length).toBeGreaterThan(100);
  expect(await refresh(later)).toMatchObject({ failures: [] });

  const tables = await db.rows<{ name: string }>(
    `select oid::regclass::text as name from pg_class
     where relkind in ('r', 'p') and not relispartition
       and relnamespace in ('analytics'::regnamespace, 'rollup'::regnamespace, 'ops'::regnamespace)`,
  );
  const left: Record<string, number> = {};
  for (const { name } of tables) {
    const most = CURRENT.includes(name) ? Number.POSITIVE_INFINITY : (RETAINED[name] ?? OF_THE_RUN[name] ?? 0);
    const [counted] = await db.rows<{ rows: number }>(`select count(*) as rows from ${name}`);
    if (counted && counted.rows > most) left[name] = counted.rows;
  }
  expect(left).toEqual({});
  expect(await db.rows('select sum(calls) as calls from rollup.tool_day')).toEqual([{ calls: calls.length }]);
  const hourly = ['http_hour', 'provider_hour', 'error_hour', 'measure_hour'].map(
    (table) => `select '${table}' as name, bucket from rollup.${table}`,
  );
  expect(
    await db.rows(`select distinct name from (${hourly.join(' union all ')}) as cells
      where bucket <> date_bin('1 day', bucket, timestamptz 'epoch')`),
  ).toEqual([]);
});
