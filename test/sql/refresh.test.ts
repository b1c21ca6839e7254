import pg from 'pg';
import { beforeEach, expect, test } from 'vitest';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { applyRetention } from '../../lambdas/retention/retention.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { type Role, testDatabase } from '../support/database.ts';

const db = await testDatabase();
const [writer, refresher] = [db.as('writer'), db.as('refresher')];
const refreshOutcomes = async () =>
  (await refresh(refresher)).views.map(({ view_name, outcome }) => `${view_name} ${outcome}`);

beforeEach(async () => {
  await db.rows('truncate analytics.refresh_log');
});

const ALL = [
  'roll_up refreshed',
  'analytics.tool_error_rate_24h refreshed',
  'analytics.tool_latency_p50_p95_24h refreshed',
  'analytics.mv_webhook_performance refreshed',
  'analytics.mv_rule_performance refreshed',
];

test('views are refreshed after new calls and skipped otherwise, and both are logged', async () => {
  await store(writer, [anInvocation()]);
  expect(await refreshOutcomes()).toEqual(ALL);
  const skipped = ALL.map((line, at) => (at === 0 ? line : line.replace('refreshed', 'skipped')));
  expect(await refreshOutcomes()).toEqual(skipped);
  await store(writer, [anInvocation()]);
  expect(await refreshOutcomes()).toEqual(ALL);
  const log = await db.rows<{ line: string }>(
    "select view_name || ' ' || outcome as line from analytics.refresh_log where duration_ms >= 0 order by refresh_id",
  );
  expect(log.map(({ line }) => line)).toEqual([...ALL, ...skipped, ...ALL]);
});

test('calls that were rolled up before a refresh are included in it', async () => {
  await refreshOutcomes();
  await store(writer, [anInvocation()]);
  await refresher.run((client) => client.query('select rollup.roll_up()'));
  expect(await refreshOutcomes()).toEqual(ALL);
});

/** Runs the work while another transaction has done this. */
const whileAnother = async <T>(role: Role, text: string, work: () => Promise<T>): Promise<T> => {
  const other = new pg.Client({ connectionString: db.urlFor(role) });
  await other.connect();
  await other.query(`begin; ${text}`);
  const result = await work().finally(() => other.query('rollback'));
  await other.end();
  return result;
};

test('a refresh that another keeps from counting says so, and does not report that calls are counted', async () => {
  await refresh(refresher);
  await store(writer, [anInvocation()]);
  const result = await whileAnother('operator', 'select analytics.refresh_all_views()', () => {
    // What the other has counted is not seen before it commits.
    return refresh(refresher);
  });
  expect(result.failures).toEqual([
    expect.stringMatching(/^calls were not rolled up: another transaction has been counting calls/),
    expect.stringMatching(/^views were not refreshed: another transaction/),
    expect.stringMatching(/^tenants' figures were not computed: another transaction/),
    expect.stringMatching(/^new errors were not looked for: another transaction/),
  ]);
  expect(result.verdicts).toBeDefined();
  expect(result.views).toEqual([]);
  expect(result.waiting_seconds).toBeGreaterThan(0);
  expect(await refresh(refresher)).toMatchObject({ failures: [], waiting_seconds: 0 });
});

test('no lock that every role may take keeps calls from being counted, or days from being made', async () => {
  await store(writer, [anInvocation()]);
  const locks = ['rollup.roll_up', 'analytics.refresh', 'analytics.days'];
  const takeAll = locks.map((lock) => `select pg_advisory_xact_lock(hashtext('${lock}'))`).join(';');
  const [result, retained] = await whileAnother('reader', takeAll, async () => [
    await refresh(refresher),
    await applyRetention(db.as('retention'), 90),
  ]);
  expect(result).toMatchObject({ failures: [], waiting_seconds: 0 });
  expect(result.views.map(({ outcome }) => outcome)).not.toContain('failed');
  expect(retained.dropped).toEqual([]);
});

test('the summaries are as old as the oldest calls that wait, however often views are refreshed', async () => {
  const freshness = async () => {
    const [row] = await db.rows<{ age_seconds: number | null; waiting_seconds: number | null }>(
      'select age_seconds, waiting_seconds from analytics.freshness',
    );
    return row ?? { age_seconds: null, waiting_seconds: null };
  };
  await db.rows('truncate rollup.pending_batches, rollup.uncounted_calls');
  await store(writer, [anInvocation()]);
  expect(await freshness()).toEqual({ age_seconds: null, waiting_seconds: expect.any(Number) });
  await refresh(refresher);
  expect(await freshness()).toEqual({ age_seconds: expect.any(Number), waiting_seconds: null });

  await store(writer, [anInvocation()]);
  await db.rows("update rollup.pending_batches set noted_at = now() - interval '2 hours'");
  // The views are refreshed, and what they show does not contain the waiting calls.
  await db.rows(
    "insert into analytics.refresh_log (view_name, started_at, duration_ms, outcome) select distinct view_name, now(), 1, 'skipped' from analytics.refresh_log",
  );
  expect((await freshness()).age_seconds).toBeGreaterThanOrEqual(7_200);
  await db.rows(`
    with note as (delete from rollup.pending_batches returning batch_id, noted_at)
    insert into rollup.uncounted_calls
    select started_at, event_id, noted_at from analytics.invocations join note using (batch_id)`);
  expect((await freshness()).waiting_seconds).toBeGreaterThanOrEqual(7_200);
  expect(await refresh(refresher)).toMatchObject({ waiting_seconds: 0 });
  expect((await freshness()).age_seconds).toBeLessThan(60);
});

test('a view that fails is reported, does not stop the others, and is refreshed next time', async () => {
  await store(writer, [anInvocation()]);
  await db.rows('drop index analytics.tool_error_rate_24h_by_tool');
  const { views } = await refresh(refresher);
  expect(views.map(({ outcome }) => outcome)).toEqual(['refreshed', 'failed', 'refreshed', 'refreshed', 'refreshed']);
  expect(views[1]?.error).toMatch(/cannot refresh materialized view .* concurrently/);
  await db.rows('create unique index tool_error_rate_24h_by_tool on analytics.tool_error_rate_24h (tool_name)');
  expect(await refreshOutcomes()).toEqual(ALL);
});

test('the role that reads the summaries can read how old they are', async () => {
  await store(writer, [anInvocation({ started_at: new Date(Date.now() - 30_000).toISOString() })]);
  const { data_age_seconds } = await refresh(refresher);
  expect(data_age_seconds).toBeGreaterThanOrEqual(29);
  const [freshness] = await db
    .as('reader')
    .run(async (client) => (await client.query('select age_seconds, pending_batches from analytics.freshness')).rows);
  expect(freshness).toEqual({ age_seconds: expect.any(Number), pending_batches: 0 });
  expect(freshness.age_seconds).toBeLessThan(60);
});
