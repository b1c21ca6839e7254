import { beforeAll, describe, expect, test } from 'vitest';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { UNREGISTERED } from '../../lambdas/contract/vocabulary.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';

const HOUR_MS = 3_600_000;
const db = await testDatabase();
const operator = db.as('operator');
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();
const readAsOperator = async (text: string) => (await operator.run((client) => client.query(text))).rows;
const CONFIG_ID = '7d4f6a52-0b1c-4c6e-9f5e-1a2b3c4d5e6f';

const deliveries = (name: string, outcomes: boolean[], given: Partial<Invocation> = {}): Invocation[] =>
  outcomes.map((good, at) =>
    anInvocation({
      kind: 'webhook',
      name,
      started_at: ago(2 - at / 100),
      metadata: { url: `https://${name}.example/hook` },
      ...(!good && { fault: 'dependency' }),
      ...given,
    }),
  );

beforeAll(async () => {
  await store(db.as('writer'), [
    ...deliveries('wh_good', [true, false, true, true, true, true, true, true, true, true, true]),
    ...deliveries('wh_five', [true, false, false, false, false, false]),
    ...deliveries('wh_ten', Array<boolean>(10).fill(false), { duration_ms: 40 }),
    ...deliveries('wh_off', Array<boolean>(12).fill(false), { metadata: { enabled: 'false' } }),
    ...deliveries('wh_old', [true], { started_at: ago(8 * 24) }),
    ...[true, true, false].map((good) =>
      anInvocation({
        kind: 'rule',
        name: 'rule_1',
        metadata: { rule_name: 'Cold contacts', rule_type: 'no_touch_days' },
        measures: { affected_contacts: 4, segment_member_count: 40 },
        ...(!good && { fault: 'ours' }),
      }),
    ),
    ...Array.from({ length: 12 }, (_, at) =>
      anInvocation({
        kind: 'http',
        name: at < 4 ? '/v1/contacts' : '/v1/webhooks',
        started_at: new Date().toISOString(),
        duration_ms: 100 + at,
        ...(at < 7 && { error_code: at < 5 ? 'RATE_LIMITED' : 'INTERNAL_ERROR', fault: 'ours' }),
      }),
    ),
    anInvocation({
      kind: 'dependency',
      name: 'shop',
      measures: { rate_limit_count: 95, rate_limit_max: 100, rate_limit_reset_at: Date.now() / 1_000 + 600 },
      metadata: { rate_limit_key_type: 'org', rate_limit_key: 'org_9' },
    }),
    anInvocation({ kind: 'sync', name: 'inbound:contact' }),
    anInvocation({ kind: 'sync', name: 'inbound:contact', fault: 'dependency' }),
    anInvocation({ kind: 'job', name: 'mail', duration_ms: 500, measures: { queue_depth: 7, oldest_age_seconds: 30 } }),
    anInvocation({
      kind: 'query',
      name: 'fetch_cold_contacts',
      duration_ms: 6_000,
      started_at: new Date().toISOString(),
    }),
    anInvocation({ name: 'search', session_id: 's1', started_at: ago(0.3), user_id: 'u1', cost_usd: 0.25 }),
    anInvocation({
      name: 'order',
      session_id: 's1',
      started_at: ago(0.2),
      user_id: 'u1',
      fault: 'ours',
      cost_usd: 0.5,
    }),
    anInvocation({ name: 'search', started_at: ago(8 * 24) }),
    anInvocation({
      name: 'get_cart',
      provider: 'woocommerce',
      domain: 'shop.example',
      user_agent: 'agent',
      duration_ms: 126.4,
      metadata: { customer_config_id: CONFIG_ID },
    }),
  ]);
  await refresh(db.as('refresher'));
});

test('the views of tool calls have the promised columns', async () => {
  const columns = async (view: string) =>
    (
      await db.rows<{ column: string }>(
        `select column_name || ' ' || data_type as column from information_schema.columns
         where table_schema = 'analytics' and table_name = $1 order by ordinal_position`,
        [view],
      )
    ).map(({ column }) => column);
  expect(await columns('tool_invocations')).toEqual([
    'id uuid',
    'tool_name text',
    'user_id text',
    'session_id text',
    'gpt_name text',
    'started_at timestamp with time zone',
    'finished_at timestamp with time zone',
    'duration_ms integer',
    'success boolean',
    'error_code text',
    'provider text',
    'source_gpt text',
    'metadata jsonb',
    'created_at timestamp with time zone',
  ]);
  expect(await columns('woocommerce_usage_metrics')).toEqual([
    'id uuid',
    'operation text',
    'duration_ms integer',
    'success boolean',
    'error_type text',
    'error_message text',
    'domain text',
    'customer_config_id uuid',
    'user_agent text',
    'created_at timestamp with time zone',
  ]);
});

test('a call to a shop is listed as a shop operation', async () => {
  expect(
    await readAsOperator(
      'select operation, duration_ms, domain, customer_config_id from analytics.woocommerce_usage_metrics',
    ),
  ).toEqual([{ operation: 'get_cart', duration_ms: 126, domain: 'shop.example', customer_config_id: CONFIG_ID }]);
});

describe('webhooks', () => {
  test('performance over all hours', async () => {
    const rows = await readAsOperator(`
      select webhook_id, url, total_deliveries, successful_deliveries, failed_deliveries, success_rate_pct,
        deliveries_24h, failures_24h, deliveries_7d, consecutive_failures, enabled
      from analytics.mv_webhook_performance order by webhook_id`);
    expect(rows).toMatchObject([
      {
        webhook_id: 'wh_five',
        total_deliveries: 6,
        failed_deliveries: 5,
        consecutive_failures: 5,
        success_rate_pct: 16.67,
      },
      {
        webhook_id: 'wh_good',
        url: 'https://wh_good.example/hook',
        total_deliveries: 11,
        consecutive_failures: 0,
        failures_24h: 1,
      },
      { webhook_id: 'wh_off', enabled: false, total_deliveries: 12 },
      { webhook_id: 'wh_old', total_deliveries: 1, deliveries_24h: 0, deliveries_7d: 0 },
      { webhook_id: 'wh_ten', total_deliveries: 10, successful_deliveries: 0, consecutive_failures: 10 },
    ]);
  });

  test('health status', async () => {
    const rows = await readAsOperator('select webhook_id, health_status from analytics.v_webhook_health order by 1');
    expect(rows.map(({ webhook_id, health_status }) => `${webhook_id} ${health_status}`)).toEqual([
      'wh_five warning',
      'wh_good healthy',
      'wh_off disabled',
      'wh_old inactive',
      'wh_ten critical',
    ]);
  });
});

test('the performance of rules', async () => {
  expect(await readAsOperator('select * from analytics.mv_rule_performance')).toMatchObject([
    {
      rule_id: 'rule_1',
      rule_name: 'Cold contacts',
      rule_type: 'no_touch_days',
      enabled: true,
      trigger_count: 3,
      failure_count: 1,
      success_rate_pct: 66.67,
      executions_24h: 3,
      failures_24h: 1,
      executions_7d: 3,
      failures_7d: 1,
      affected_contacts: 12,
      segment_member_count: 40,
    },
  ]);
});

test('requests are counted by hour, resource and status', async () => {
  const [hour] = await readAsOperator('select * from analytics.v_api_usage_metrics');
  expect(hour).toMatchObject({
    total_requests: 12,
    successful_requests: 5,
    failed_requests: 7,
    avg_response_time_ms: 105.5,
    max_response_time_ms: 111,
    requests_by_resource: { '/v1/contacts': 4, '/v1/webhooks': 8 },
    errors_by_status_code: { 429: 5, 500: 2 },
  });
  expect(Math.abs(hour.p95_response_time_ms - 110.45)).toBeLessThan(1.1);
});

test('rate limits are reported as used until they reset', async () => {
  const [limit] = await readAsOperator('select * from analytics.v_rate_limit_utilization');
  expect(limit).toMatchObject({
    key_type: 'org',
    identifier: 'org_9',
    request_count: 95,
    utilization_pct: 95,
    status: 'warning',
  });
  expect(limit.seconds_until_reset).toBeGreaterThan(500);
  const later = await operator.run(async (client) => {
    await client.query(`begin; set local analytics.now = '${ago(-1)}'`);
    const { rows } = await client.query('select status, request_count from analytics.v_rate_limit_utilization');
    await client.query('commit');
    return rows;
  });
  expect(later).toEqual([{ status: 'normal', request_count: 0 }]);
});

test('every condition that needs attention is listed', async () => {
  const rows = await readAsOperator(
    'select type, severity, resource_id, message from analytics.v_alert_conditions order by 1, 3',
  );
  expect(rows.map(({ type, severity, resource_id }) => `${severity} ${type} ${resource_id}`)).toEqual([
    'critical api_error_rate api',
    'warning rate_limit org_9',
    'critical slow_query fetch_cold_contacts',
    'warning webhook_failure wh_five',
    'critical webhook_failure wh_ten',
    'warning webhook_inactive wh_old',
  ]);
  expect(rows[3]?.message).toBe('Webhook has 5 consecutive failures');
});

test('the health of synchronisations and queues', async () => {
  expect(
    await readAsOperator('select direction, entity_type, total_operations, success_rate from analytics.v_sync_health'),
  ).toEqual([{ direction: 'inbound', entity_type: 'contact', total_operations: 2, success_rate: 50 }]);
  expect(
    await readAsOperator(
      'select queue, processed, avg_processing_ms, queue_depth, oldest_age_seconds from analytics.v_queue_health',
    ),
  ).toEqual([{ queue: 'mail', processed: 1, avg_processing_ms: 500, queue_depth: 7, oldest_age_seconds: 30 }]);
});

test('a session lists the tools it called, in order', async () => {
  expect(
    await readAsOperator('select session_id, user_id, calls, failures, journey from analytics.v_sessions'),
  ).toEqual([{ session_id: 's1', user_id: 'u1', calls: 2, failures: 1, journey: ['search', 'order'] }]);
});

test('failures with the same fingerprint are one group', async () => {
  const [group] = await readAsOperator("select * from analytics.v_error_groups where name = 'wh_ten'");
  expect(group).toMatchObject({
    fingerprint: 'f-1',
    error_code: 'UPSTREAM_ERROR',
    calls: 10,
    calls_24h: 10,
    tenants: 1,
  });
});

test('failures of tools that do not exist are one group, whatever names callers invent', async () => {
  const unknown = ['a', 'b', 'c'].map((name) =>
    anInvocation({
      name: UNREGISTERED,
      error_code: 'INVALID_INPUT',
      fault: 'caller',
      error_type: 'unknown_tool',
      error_message: `There is no tool ${name}`,
      error_fingerprint: `v1:${name}`,
    }),
  );
  await store(db.as('writer'), unknown);
  await refresh(db.as('refresher'));
  expect(await readAsOperator("select fingerprint, calls from analytics.v_error_groups where name = '_OTHER'")).toEqual(
    [{ fingerprint: 'unknown_tool', calls: 3 }],
  );
});

test("a week is compared with the week before, and a tool's cost is added up", async () => {
  expect(
    await readAsOperator(
      "select calls, calls_before, calls_change_pct from analytics.v_week_over_week where tool_name = 'search'",
    ),
  ).toEqual([{ calls: 1, calls_before: 1, calls_change_pct: 0 }]);
  expect(
    await readAsOperator(
      "select sum(cost_usd) as cost_usd from analytics.tool_daily where tool_name in ('search', 'order')",
    ),
  ).toEqual([{ cost_usd: 0.75 }]);
});

test('a tool has figures by the hour', async () => {
  const rows = await readAsOperator(
    `select sum(total_invocations) as calls, sum(error_count) as errors
     from analytics.tool_hourly where tool_name = 'order'`,
  );
  expect(rows).toEqual([{ calls: 1, errors: 1 }]);
});

test('the sizes of tables and indexes include their partitions', async () => {
  const [table] = await readAsOperator(
    "select parts, total_bytes, bloat_pct from analytics.v_table_sizes where table_name = 'invocations'",
  );
  expect(table.parts).toBeGreaterThan(20);
  expect(table.total_bytes).toBeGreaterThan(0);
  expect(
    await readAsOperator("select index_name from analytics.v_index_sizes where index_name = 'one_row_an_event'"),
  ).toHaveLength(1);
});

test('the slowest statements are listed if the server counts statements, and none otherwise', async () => {
  await db.rows('select pg_stat_statements_reset()');
  await db.rows("select pg_sleep(0.06), 'slept'");
  const [slowest] = await readAsOperator(
    'select query, calls, mean_exec_ms, rows_per_call from analytics.v_slow_statements',
  );
  expect(slowest).toMatchObject({ query: 'select pg_sleep($1), $2', calls: 1, rows_per_call: 1 });
  expect(slowest.mean_exec_ms).toBeGreaterThan(60);
  await db.rows('drop extension pg_stat_statements');
  expect(await readAsOperator('select * from analytics.v_slow_statements')).toEqual([]);
});
