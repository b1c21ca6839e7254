import { beforeEach, expect, test } from 'vitest';
import * as z from 'zod';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { failure, toolHealth } from '../../lambdas/contract/reports.ts';
import { asOperator, asTenant } from '../../lambdas/database/as-tenant.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const [writer, refresher, reader] = [db.as('writer'), db.as('refresher'), db.as('reader')];

beforeEach(async () => {
  await db.rows(`truncate analytics.invocations, rollup.pending_batches, rollup.tool_5m, rollup.tool_hour,
    rollup.tool_hour_figures, rollup.tenant_hour, rollup.tenant_window, rollup.tenant_window_bounds,
    rollup.tenant_figures, rollup.operator_window, rollup.error_hour, rollup.tenants, analytics.tool_thresholds`);
});

const calls = (count: number, given: Partial<Invocation>): Invocation[] =>
  Array.from({ length: count }, () => anInvocation(given));
const healthOf = async (records: Invocation[], tool: string): Promise<Record<string, unknown>> => {
  await store(writer, records);
  await refresh(refresher);
  const rows = await asOperator(
    reader,
    async (client) =>
      (
        await client.query<Record<string, unknown>>(
          'select * from analytics.tool_health_summary where tool_name = $1',
          [tool],
        )
      ).rows,
  );
  return rows[0] ?? {};
};
/** As the API sends it. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('the rows of the summary and of failures match the contract', async () => {
  const records = [
    ...calls(3, { name: 'a' }),
    ...calls(1, { name: 'a', fault: 'ours' }),
    ...calls(1, { name: 'b', fault: 'caller' }),
  ];
  await store(writer, records);
  await refresh(refresher);
  const read = (view: string) =>
    asTenant(reader, 'default', async (client) => (await client.query(`select * from ${view}`)).rows);
  expect(
    z
      .array(toolHealth.omit({ recent_calls: true, recent_failures: true }))
      .parse(asJson(await read('analytics.tool_health_summary'))),
  ).toHaveLength(2);
  expect(z.array(failure).parse(asJson(await read('analytics.recent_failures')))).toHaveLength(2);
});

test('every figure of a tool matches a manual calculation', async () => {
  const records = [
    ...calls(1, { name: 'a', duration_ms: 100 }),
    ...calls(1, { name: 'a', duration_ms: 200, cold_start: true }),
    ...calls(1, { name: 'a', duration_ms: 300, attempts: 3 }),
    ...calls(2, { name: 'a', duration_ms: 10_000, error_code: 'TIMEOUT', fault: 'dependency' }),
    ...calls(1, { name: 'a', duration_ms: 1, error_code: 'INVALID_INPUT', fault: 'caller' }),
    ...calls(5, { name: 'a', kind: 'webhook' }),
  ];
  const health = await healthOf(records, 'a');
  expect(health).toMatchObject({
    total_invocations: 6,
    error_count: 3,
    error_rate_pct: 50,
    caller_error_count: 1,
    timeout_count: 2,
    cold_start_count: 1,
    retry_count: 2,
    unique_error_codes: 2,
    most_common_error: 'TIMEOUT',
    most_common_fault: 'dependency',
    avg_ms: 200,
    min_ms: 100,
    max_ms: 300,
    health_status: 'critical',
    verdict: 'insufficient_data',
    health_reason:
      "3 of 6 calls fail (50.0 %), mostly TIMEOUT, the dependency's fault; fewer than 20 calls prove nothing",
  });
  expect(health.p50_ms).toBeCloseTo(200, -0.5);
  expect(Math.abs(Number(health.p95_ms) - 290)).toBeLessThan(2.9);
  expect(Math.abs(Number(health.p95_all_ms) - 10_000)).toBeLessThan(100);
});

test.each([
  ['healthy', 5, 95, 100],
  ['warning', 6, 94, 100],
  ['warning', 10, 90, 100],
  ['critical', 11, 89, 100],
  ['warning', 0, 100, 10_200],
  ['healthy', 0, 100, 9_800],
])('the health status is %s after %i failures and %i successes of %i ms', async (status, failed, good, ms) => {
  const records = [
    ...calls(failed, { name: 'a', fault: failed % 2 ? 'ours' : 'dependency' }),
    ...calls(good, { name: 'a', duration_ms: ms }),
    // The caller's faults are neither failures nor calls.
    ...calls(1_000, { name: 'a', error_code: 'INVALID_INPUT', fault: 'caller' }),
  ];
  expect(await healthOf(records, 'a')).toMatchObject({
    health_status: status,
    error_count: 1_000 + failed,
    caller_error_count: 1_000,
    error_rate_without_callers_pct: failed,
  });
});

test('the query that alerts leaves out a tool that callers misuse, and calls of tools that do not exist', async () => {
  const misused = { error_code: 'INVALID_INPUT', fault: 'caller' } as const;
  await store(writer, [
    ...calls(50, { name: 'misused', ...misused }),
    ...calls(1, { name: 'misused' }),
    ...calls(50, { name: '_OTHER', ...misused, error_type: 'unknown_tool' }),
    ...calls(3, { name: 'only_misused', ...misused }),
    ...calls(1, { name: 'broken', fault: 'platform' }),
  ]);
  await refresh(refresher);
  const text = "select tool_name from analytics.tool_health_summary where health_status in ('warning', 'critical')";
  const rows = await asOperator(reader, async (client) => (await client.query(text)).rows);
  expect(rows).toEqual([{ tool_name: 'broken' }]);
  expect(await healthOf([], 'misused')).toMatchObject({ health_status: 'healthy', error_rate_pct: 98.04 });
  expect(await healthOf([], '_OTHER')).toMatchObject({ health_status: 'healthy', error_count: 50 });
});

test.each([
  ['healthy', { good: 98, ours: 2, caller: 0 }, 'too few failures'],
  ['healthy', { good: 100, ours: 0, caller: 50 }, 'failures by the caller do not count'],
  ['critical', { good: 97, ours: 3, caller: 0 }, 'three failures, and more than 1.5 %'],
  ['healthy', { good: 197, ours: 3, caller: 0 }, 'no more failures than allowed'],
  ['insufficient_data', { good: 10, ours: 9, caller: 0 }, 'fewer than twenty calls'],
])('the verdict is %s for %o: %s', async (verdict, { good, ours, caller }) => {
  await db.rows("insert into analytics.tool_thresholds values ('a', 1000, 0.015, 20, 3)");
  const records = [
    ...calls(good, { name: 'a' }),
    ...calls(ours, { name: 'a', fault: 'ours' }),
    ...calls(caller, { name: 'a', fault: 'caller' }),
  ];
  expect(await healthOf(records, 'a')).toMatchObject({ verdict });
});

test('slow calls, including timeouts, are a warning with its reason in words', async () => {
  await db.rows("insert into analytics.tool_thresholds values ('a', 1000, 0.5, 20, 3)");
  const records = [
    ...calls(90, { name: 'a', duration_ms: 10 }),
    ...calls(10, { name: 'a', duration_ms: 30_000, error_code: 'TIMEOUT', fault: 'ours' }),
  ];
  const health = await healthOf(records, 'a');
  expect(health).toMatchObject({ verdict: 'warning', confidence: 'high' });
  expect(health.health_reason).toMatch(
    /^10 of 100 calls fail \(10.0 %\), mostly TIMEOUT, our own fault; 19 of 20 calls take up to \d+ ms, 1000 allowed$/,
  );
});

test('a tool without calls is listed, with insufficient data', async () => {
  await db.rows("insert into analytics.tool_thresholds values ('silent', 1000, 0.5, 20, 3)");
  expect(await healthOf([], 'silent')).toMatchObject({
    total_invocations: 0,
    verdict: 'insufficient_data',
    health_status: 'healthy',
    health_reason: 'no calls in 24 hours',
    p95_ms: null,
    last_invoked_at: null,
    confidence: 'low',
  });
});

test("a tenant's figures cover its own calls only, including a late one", async () => {
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const read = () =>
    asTenant(
      reader,
      'acme',
      async (client) =>
        (await client.query('select total_invocations, error_count, p50_ms from analytics.tool_health_summary')).rows,
    );
  await store(writer, [
    ...calls(2, { name: 'a', tenant_id: 'acme', started_at: ago(5) }),
    ...calls(1, { name: 'a', tenant_id: 'acme', started_at: ago(0), fault: 'ours' }),
    ...calls(7, { name: 'a', tenant_id: 'zenith', duration_ms: 9_999 }),
  ]);
  await refresh(refresher);
  expect(await read()).toEqual([{ total_invocations: 3, error_count: 1, p50_ms: 120 }]);

  await store(writer, calls(1, { name: 'a', tenant_id: 'acme', started_at: ago(6) }));
  await refresh(refresher);
  expect(await read()).toMatchObject([{ total_invocations: 4 }]);
  const merged = 'select sum(calls) as calls from rollup.tenant_window where tenant_id = $1';
  expect(await db.rows(merged, ['acme'])).toEqual([{ calls: 3 }]);
});

test('a refresh computes the figures of tenants with new calls, and once an hour of all tenants', async () => {
  await store(writer, [...calls(1, { name: 'a', tenant_id: 'acme' }), ...calls(1, { name: 'a', tenant_id: 'zenith' })]);
  await refresh(refresher);
  const renewed = 'select rollup.renew_tenant_figures(10) as tenants';
  expect(await db.rows(renewed)).toEqual([{ tenants: 0 }]);
  await store(writer, calls(1, { name: 'b', tenant_id: 'acme' }));
  await refresher.run((client) => client.query('select rollup.roll_up()'));
  expect(await db.rows(renewed)).toEqual([{ tenants: 1 }]);

  const runAfter = async (hours: number, text: string) =>
    db.rows(`
      begin;
      set local analytics.now = '${new Date(Date.now() + hours * 3_600_000).toISOString()}';
      create temporary table answer on commit drop as ${text};
      commit`);
  await runAfter(2, renewed);
  expect(await db.rows('select count(*) as tools from rollup.tenant_figures')).toEqual([{ tools: 3 }]);
  await runAfter(26, renewed);
  expect(await db.rows('select count(*) as tools from rollup.tenant_figures')).toEqual([{ tools: 0 }]);
});

test('completed hours are merged once, and again after a late call in one of them', async () => {
  const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  const merged = async () =>
    (await db.rows<{ calls: number }>('select coalesce(sum(calls), 0) as calls from rollup.operator_window'))[0]?.calls;
  const shown = async () =>
    (await db.rows<{ calls: number }>('select sum(total_invocations) as calls from analytics.tool_error_rate_24h'))[0]
      ?.calls;
  await store(writer, [...calls(4, { name: 'a', started_at: ago(9) }), ...calls(2, { name: 'a' })]);
  await refresh(refresher);
  expect([await merged(), await shown()]).toEqual([4, 6]);
  await store(writer, calls(1, { name: 'a', started_at: ago(8) }));
  await refresher.run((client) => client.query('select rollup.roll_up()'));
  expect(await merged()).toBe(0);
  await refresh(refresher);
  expect([await merged(), await shown()]).toEqual([5, 7]);
});

test('calls older than a day leave the summary even when no new call comes', async () => {
  await store(writer, calls(3, { name: 'a', started_at: new Date(Date.now() - 23 * 3_600_000).toISOString() }));
  await refresh(refresher);
  const refreshAfter = (hours: number) =>
    db.rows(`
      begin;
      set local analytics.now = '${new Date(Date.now() + hours * 3_600_000).toISOString()}';
      select analytics.refresh_all_views();
      commit;`);
  expect(await db.rows('select total_invocations from analytics.tool_error_rate_24h')).toEqual([
    { total_invocations: 3 },
  ]);
  await refreshAfter(2);
  expect(await db.rows('select total_invocations from analytics.tool_error_rate_24h')).toEqual([]);
});
