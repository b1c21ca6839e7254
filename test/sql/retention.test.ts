import pg from 'pg';
import { beforeEach, expect, test } from 'vitest';
import { readStatement } from '../../lambdas/database/statements.ts';
import { parametersOf, store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { applyRetention } from '../../lambdas/retention/retention.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';
import { clearStore } from '../support/store-contents.ts';

const DAY_MS = 86_400_000;
const db = await testDatabase();
const [writer, refresher, retention] = [db.as('writer'), db.as('refresher'), db.as('retention')];
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
const dayOf = (days: number) => daysAgo(days).toISOString().slice(0, 10);
const callAt = (days: number) => anInvocation({ started_at: daysAgo(days).toISOString() });

beforeEach(async () => {
  await clearStore(db);
  await db.rows("update analytics.horizon set dropped_before = '-infinity'");
  await db.rows('select analytics.make_days(current_date - 12, current_date - 8)');
});

test('days past retention are dropped, oldest first, but not until two days later', async () => {
  await store(writer, [callAt(12), callAt(9), callAt(8), callAt(40)]);
  await refresh(refresher);
  const { dropped } = await applyRetention(retention, 7);
  expect(dropped).toEqual([dayOf(12), dayOf(11), dayOf(10)]);
  const left = await db.rows<{ started_at: Date }>('select started_at from analytics.invocations order by 1');
  expect(left.map(({ started_at }) => started_at.toISOString().slice(0, 10))).toEqual([dayOf(9), dayOf(8)]);
  expect((await applyRetention(retention, 7)).dropped).toEqual([]);
  const [total] = await db.rows<{ calls: number }>('select sum(calls) as calls from rollup.tool_hour');
  expect(total?.calls).toBe(4);
});

test('rejects and the refresh log of those days are deleted as well', async () => {
  await db.rows(`truncate analytics.rejects, analytics.refresh_log`);
  await db.rows(`
    insert into analytics.rejects (reject_id, reason, line, last_seen_at)
    select gen_random_uuid(), 'r', 'l', now() - make_interval(days => days) from unnest(array[5, 15]) as days`);
  await db.rows(`
    insert into analytics.refresh_log (view_name, started_at, duration_ms, outcome)
    select 'v', now() - make_interval(days => days), 1, 'refreshed' from unnest(array[5, 15]) as days`);
  await applyRetention(retention, 7);
  expect(await db.rows('select count(*) as retained from analytics.rejects')).toEqual([{ retained: 1 }]);
  expect(await db.rows('select count(*) as retained from analytics.refresh_log')).toEqual([{ retained: 1 }]);
});

test('a call of a dropped day is not stored again, so it is not counted twice', async () => {
  const old = callAt(11);
  await store(writer, [old]);
  await refresh(refresher);
  await applyRetention(retention, 7);
  expect(await store(writer, [old])).toEqual({ stored: 0, duplicates: 0, rejected: 1 });
  const rejects = await db.rows("select reject_id from analytics.rejects where reason like 'started_at is before%'");
  expect(rejects).toEqual([{ reject_id: old.event_id }]);
});

test('a day is not dropped while calls of it are not rolled up', async () => {
  await store(writer, [callAt(12)]);
  await expect(applyRetention(retention, 7)).rejects.toThrow('not rolled up yet');
  await refresh(refresher);
  expect((await applyRetention(retention, 7)).dropped).toContain(dayOf(12));
});

test('a batch that is being stored while its day is to be dropped is counted first, and then dropped', async () => {
  const [type] = await db.rows<{ oid: number }>("select 'analytics.delivered_v1'::regtype::oid::integer as oid");
  const late = new pg.Client({ connectionString: db.urlFor('writer') });
  await late.connect();
  await late.query('begin');
  await late.query(readStatement('ingest-store'), parametersOf([callAt(12)], type?.oid ?? 0));
  const retaining = applyRetention(retention, 7).catch((error: unknown) => error);
  // The end of retention's first try is the signal that it has met the batch.
  const lockedOut = `select count(*) as waiting from pg_stat_activity
    where datname = current_database() and usename = 'toolwatch_retention' and wait_event_type = 'Lock'`;
  await expect.poll(() => db.rows(lockedOut)).toEqual([{ waiting: 1 }]);
  await late.query('commit');
  await late.end();
  expect(String(await retaining)).toContain('not rolled up yet');

  expect(await refresh(refresher)).toMatchObject({ failures: [], put_aside: 0 });
  expect(await db.rows('select sum(calls) as calls from rollup.tool_hour')).toEqual([{ calls: 1 }]);
  expect((await applyRetention(retention, 7)).dropped).toContain(dayOf(12));
});

test('calls that wait to be counted singly are not dropped', async () => {
  await store(writer, [callAt(12)]);
  await db.rows(`
    with note as (delete from rollup.pending_batches returning *)
    insert into rollup.uncounted_calls select started_at, event_id, noted_at from analytics.invocations, note`);
  await expect(applyRetention(retention, 7)).rejects.toThrow('not rolled up yet');
  await refresh(refresher);
  expect((await applyRetention(retention, 7)).dropped).toContain(dayOf(12));
  expect(await db.rows('select sum(calls) as calls from rollup.tool_hour')).toEqual([{ calls: 1 }]);
});

test('no role makes a function that runs with the rights of its owner believe in another time', async () => {
  await store(writer, [callAt(0.5)]);
  await refresh(refresher);
  const inAMonth = new Date(Date.now() + 30 * DAY_MS).toISOString();
  const asIf = (role: 'retention' | 'operator' | 'refresher', text: string) =>
    db.as(role).run(async (client) => {
      await client.query(`begin; set local analytics.now = '${inAMonth}'`);
      try {
        return (await client.query(text)).rows;
      } finally {
        await client.query('commit');
      }
    });
  const days = async () =>
    (await db.rows("select from pg_inherits where inhparent = 'analytics.invocations'::regclass")).length;
  await applyRetention(retention, 7);
  const before = await days();
  expect(await asIf('retention', 'select analytics.drop_oldest_day(7) as day')).toEqual([{ day: null }]);
  expect(await asIf('retention', 'select rollup.fold_days(1) as folded')).toEqual([{ folded: 0 }]);
  const [sample] = await asIf('retention', 'select sampled_at from analytics.sample_sizes()');
  expect(sample.sampled_at.getTime()).toBeLessThan(Date.now() + DAY_MS);
  await asIf('refresher', 'select analytics.refresh_all_views(), rollup.renew_tenant_figures(10)');
  expect(await db.rows('select total_invocations from analytics.tool_error_rate_24h')).toHaveLength(1);
  expect(await db.rows('select from rollup.tool_5m')).toHaveLength(1);
  expect(await days()).toBe(before);
  // What a role reads with its own rights may be of any time.
  expect(await asIf('operator', 'select analytics.clock() > now() as is_later')).toEqual([{ is_later: true }]);
});

test('partitions for the coming days are created once', async () => {
  await db.rows(`drop table if exists analytics.invocations_${dayOf(-13).replaceAll('-', '')}`);
  expect((await applyRetention(retention, 90)).made).toBe(1);
  expect((await applyRetention(retention, 90)).made).toBe(0);
});

test('a disk larger than 2 GiB is accepted', async () => {
  const { sizes } = await applyRetention(retention, 90, 100 * 1_024 ** 3);
  expect(sizes.disk_full_in_days === null || sizes.disk_full_in_days > 0).toBe(true);
});

test('old hours are folded into days without losing calls', async () => {
  await store(writer, [callAt(12), callAt(12), callAt(1)]);
  await refresh(refresher);
  await applyRetention(retention, 7);
  const fold = 'select rollup.fold_days(5)';
  await retention.run((client) => client.query(fold));
  await retention.run((client) => client.query(fold));
  const [totals] = await db.rows<{ hours: number; days: number }>(
    'select (select sum(calls) from rollup.tool_hour) as hours, (select sum(calls) from rollup.tool_day) as days',
  );
  expect(totals).toEqual({ hours: 1, days: 2 });
  const daily = await db.rows<{ total_invocations: number }>(
    'select total_invocations from analytics.tool_daily order by day',
  );
  expect(daily.map(({ total_invocations }) => total_invocations)).toEqual([2, 1]);
});

test('a retention of zero days is refused', async () => {
  await expect(applyRetention(retention, 0)).rejects.toThrow('retention of 0 days');
});

test('sizes are sampled, and the samples predict when the disk will be full', async () => {
  const { sizes } = await applyRetention(retention, 90);
  expect(sizes.database_bytes).toBeGreaterThan(1_000_000);
  expect(sizes.index_bytes).toBeGreaterThan(0);
  await db.rows(`
    truncate analytics.size_samples;
    insert into analytics.size_samples
    select now() - make_interval(days => days), pg_database_size(current_database()) - days * 1000000, 0, 0
    from generate_series(0, 9) as days`);
  const [forecast] = await db.rows<{ days: number }>(`
    select extract(epoch from analytics.disk_full_at(pg_database_size(current_database()) + 5000000) - now()) / 86400
      as days`);
  expect(forecast?.days).toBeCloseTo(5, 1);

  const [disk] = await db.rows<{ bytes: number }>('select pg_database_size(current_database()) + 5000000 as bytes');
  expect((await applyRetention(retention, 90, disk?.bytes)).sizes.disk_full_in_days).toBeCloseTo(5, 0);
  expect((await applyRetention(retention, 90)).sizes.disk_full_in_days).toBeNull();
});
