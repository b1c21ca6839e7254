import pg from 'pg';
import { beforeEach, expect, test } from 'vitest';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';

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

test('a refresh does nothing while another is running', async () => {
  const other = new pg.Client({ connectionString: db.urlFor('refresher') });
  await other.connect();
  await other.query('begin; select analytics.refresh_all_views()');
  expect(await refreshOutcomes()).toEqual([]);
  await other.query('commit');
  await other.end();
  expect(await refreshOutcomes()).toHaveLength(ALL.length);
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
