import { beforeEach, expect, test } from 'vitest';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { applyRetention } from '../../lambdas/retention/retention.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';

const DAY_MS = 86_400_000;
const db = await testDatabase();
const [writer, refresher, retention] = [db.as('writer'), db.as('refresher'), db.as('retention')];
const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS);
const dayOf = (days: number) => daysAgo(days).toISOString().slice(0, 10);
const callAt = (days: number) => anInvocation({ started_at: daysAgo(days).toISOString() });

beforeEach(async () => {
  await db.rows(
    'truncate analytics.invocations, rollup.pending_batches, rollup.tool_hour, rollup.tool_day, rollup.tenant_hour',
  );
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
