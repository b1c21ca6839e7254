import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';

const FOLDER = join(import.meta.dirname, 'seeds');
const HOUR_MS = 3_600_000;
const db = await testDatabase();
const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS).toISOString();

/** Calls of which the result of every statement can be worked out by hand. */
beforeAll(async () => {
  await store(db.as('writer'), [
    ...[false, false, true, true].map((good) =>
      anInvocation({ name: 'search', started_at: ago(0.2), duration_ms: 200, ...(!good && { fault: 'ours' }) }),
    ),
    ...Array.from({ length: 4 }, () => anInvocation({ name: 'order', started_at: ago(0.2), duration_ms: 100 })),
    ...Array.from({ length: 10 }, (_, at) =>
      anInvocation({ kind: 'webhook', name: 'wh_1', started_at: ago(1 + at / 1_000), fault: 'dependency' }),
    ),
    ...[true, false].map((good) =>
      anInvocation({
        kind: 'rule',
        name: 'rule_1',
        metadata: { rule_name: 'Cold contacts', rule_type: 'no_touch_days' },
        measures: { segment_member_count: 40 },
        ...(!good && { fault: 'ours' }),
      }),
    ),
    anInvocation({ kind: 'http', name: 'GET /v1/contacts', started_at: ago(0.2) }),
    anInvocation({ kind: 'http', name: 'GET /v1/contacts', started_at: ago(0.2), fault: 'ours' }),
    anInvocation({
      kind: 'dependency',
      name: 'shop',
      measures: { rate_limit_count: 95, rate_limit_max: 100, rate_limit_reset_at: Math.ceil(Date.now() / 1_000) + 600 },
      metadata: { rate_limit_key_type: 'org', rate_limit_key: 'org_9' },
    }),
    anInvocation({ kind: 'sync', name: 'inbound:contact' }),
    anInvocation({ kind: 'sync', name: 'inbound:contact', fault: 'dependency', error_message: 'GHL refused' }),
  ]);
  await db.rows(`
    insert into ops.jobs (job_id, origin, source, tool, tenant_id, received_at, due_at, max_attempts, payload_bytes,
      status, processed_at, error_message)
    select gen_random_uuid(), origin, source, 'import_order', 'default', at, at, 1, 0, status,
      case when status <> 'pending' then at + interval '4 seconds' end, error
    from (values
      ('hook', 'shop', 'pending', null), ('hook', 'shop', 'processed', null), ('hook', 'shop', 'processed', null),
      ('hook', 'shop', 'error', 'The shop refused'), ('hook', 'texting-a', 'pending', null),
      ('hook', 'broadcast', 'pending', null), ('schedule', 'nightly', 'pending', null)
    ) as given (origin, source, status, error), (values (timestamptz '2026-01-01 10:00Z')) as times (at)`);
  await refresh(db.as('refresher'));
});

type Row = Record<string, unknown>;
const some = (row: Row): Row[] => expect.arrayContaining([expect.objectContaining(row)]) as never;

/** What each statement answers, of the calls above. */
const EXPECTED: Record<string, unknown> = {
  'refresh-all-views': some({ refresh_all_views: expect.stringContaining('tool_error_rate_24h') }),
  'tools-to-alert-about': [{ tool_name: 'search', error_rate_pct: 50, p95_ms: expect.any(Number) }],
  'calls-of-the-last-hour': [{ count: 8 }],
  'error-rates': [
    expect.objectContaining({ tool_name: 'search', total_invocations: 4, error_count: 2, error_rate_pct: 50 }),
    expect.objectContaining({ tool_name: 'order', error_rate_pct: 0 }),
  ],
  latencies: [expect.objectContaining({ tool_name: 'search' }), expect.objectContaining({ tool_name: 'order' })],
  'health-summary': some({ tool_name: 'search', health_status: 'critical' }),
  'webhook-success-over-time': [{ hour: expect.any(Date), total: 10, successful: 0, success_rate_pct: 0 }],
  'top-failing-webhooks': [expect.objectContaining({ webhook_id: 'wh_1', consecutive_failures: 10 })],
  'rule-effectiveness': [
    expect.objectContaining({ rule_id: 'rule_1', rule_name: 'Cold contacts', rule_type: 'no_touch_days' }),
  ],
  'api-error-rate': [expect.objectContaining({ total_requests: 2, failed_requests: 1, error_rate_pct: 50 })],
  'rate-limit-pressure': [
    {
      key_type: 'org',
      identifier: 'org_9',
      utilization_pct: 95,
      status: 'warning',
      request_count: 95,
      limit_max: 100,
      seconds_until_reset: expect.any(Number),
    },
  ],
  'critical-alerts': some({ severity: 'critical', resource_id: 'wh_1' }),
  'monitoring-views': some({ viewname: 'v_webhook_health' }),
  'webhook-performance': some({ webhook_id: 'wh_1', total_deliveries: 10 }),
  alerts: some({ severity: 'critical', resource_id: 'wh_1' }),
  'refresh-monitoring-views': some({ refresh_monitoring_views: expect.stringContaining('mv_webhook_performance') }),
  'last-vacuum': some({ relname: 'mv_webhook_performance' }),
  'sync-success-rate': [{ direction: 'inbound', entity_type: 'contact', success_rate: 50 }],
  'recent-sync-errors': [expect.objectContaining({ status: 'error', error_message: 'GHL refused' })],
  'sync-errors-by-entity': [{ direction: 'inbound', entity_type: 'contact', count: 1 }],
  'pending-webhook-events': [{ count: 1 }],
  'failed-webhook-events': [{ count: 1 }],
  'webhook-processing-time': [{ avg: 4 }],
  'webhook-events-by-source': expect.arrayContaining([
    { source: 'shop', status: 'pending', count: 1 },
    { source: 'shop', status: 'processed', count: 2 },
    { source: 'shop', status: 'error', count: 1 },
  ]),
  'recent-webhook-errors': [expect.objectContaining({ status: 'error', error_message: 'The shop refused' })],
  'recent-pending-events': [expect.objectContaining({ source: 'shop', status: 'pending', error_message: null })],
  'average-processing-time': [{ avg_seconds: 4 }],
  'processing-rate': [{ hour: new Date('2026-01-01T10:00Z'), processed_count: 3 }],
  'pending-texting-events': [{ count: 1 }],
  'pending-broadcast-events': [{ count: 1 }],
  'slow-queries': some({ mean_exec_time: expect.any(Number), query: expect.any(String) }),
  'table-sizes': [],
};

test('every statement is expected to answer something', () => {
  const files = readdirSync(FOLDER).map((file) => file.replace('.sql', ''));
  expect(files.sort()).toEqual(Object.keys(EXPECTED).sort());
});

test.each(Object.entries(EXPECTED))('%s runs as it is written', async (name, expected) => {
  const statement = readFileSync(join(FOLDER, `${name}.sql`), 'utf8');
  const { rows } = await db.as('operator').run((client) => client.query(statement));
  expect(rows).toEqual(expected);
});

test('every role finds the views without their schema', async () => {
  for (const role of ['writer', 'refresher', 'reader', 'retention', 'operator'] as const) {
    const { rows } = await db
      .as(role)
      .run((client) => client.query("select to_regclass('tool_health_summary')::oid is not null as found"));
    expect(rows).toEqual([{ found: true }]);
  }
});
