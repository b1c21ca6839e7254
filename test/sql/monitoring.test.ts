import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMonitoringClient, MonitoringError } from '../../lambdas/client/index.ts';
import {
  alertsReport,
  errorsReport,
  monitoringReport,
  rateLimitsReport,
  rulesReport,
  webhookReport,
  webhooksReport,
} from '../../lambdas/contract/monitoring-reports.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const api = await serveApi(database.as('reader'));
afterAll(api.close);

const get = async (path: string, tenant?: string) => {
  const response = await api.get(path, tenant === undefined ? {} : { headers: { 'x-tenant-id': tenant } });
  return { status: response.status, body: await response.json() };
};

/** Deliveries two hours ago, a second apart, of which the last `failed` failed. */
const deliveries = (name: string, total: number, failed: number, tenant_id = 'org_123') =>
  Array.from({ length: total }, (_, at) =>
    anInvocation({
      kind: 'webhook',
      name,
      tenant_id,
      started_at: new Date(Date.now() - 7_200_000 + at * 1_000).toISOString(),
      metadata: { url: `https://${name}.example/webhook`, ...(name === 'wh_off' && { enabled: 'false' }) },
      ...(at >= total - failed && { fault: 'dependency' as const }),
    }),
  );

const runs = (name: string, rule_type: string, total: number, daysAgo: number) =>
  Array.from({ length: total }, () =>
    anInvocation({
      kind: 'rule',
      name,
      tenant_id: 'org_123',
      started_at: new Date(Date.now() - daysAgo * 86_400_000 - 60_000).toISOString(),
      metadata: { rule_name: `Rule ${name}`, rule_type, ...(name === 'r_off' && { enabled: 'false' }) },
      measures: { affected_contacts: 2 },
    }),
  );

const limited = (tenant_id: string, used: number) =>
  anInvocation({
    kind: 'dependency',
    name: 'shop',
    tenant_id,
    measures: { rate_limit_count: used, rate_limit_max: 100, rate_limit_reset_at: Date.now() / 1_000 + 600 },
    metadata: { rate_limit_key_type: 'org', rate_limit_key: `limit of ${tenant_id}` },
  });

beforeAll(async () => {
  await store(database.as('writer'), [
    ...deliveries('wh_456', 20, 7),
    ...deliveries('wh_good', 10, 0),
    ...deliveries('wh_dead', 15, 12),
    ...deliveries('wh_off', 2, 0),
    ...deliveries('wh_456', 3, 0, 'org_other'),
    ...runs('r_warm', 'warmth_threshold', 5, 0),
    ...runs('r_stage', 'stage_change', 3, 3),
    ...runs('r_off', 'stage_change', 1, 0),
    limited('org_123', 95),
    limited('org_other', 10),
    ...Array.from({ length: 101 }, () => anInvocation({ tenant_id: 'org_123', fault: 'ours' })),
    ...Array.from({ length: 900 }, () =>
      anInvocation({ tenant_id: 'org_123', fault: 'caller', error_code: 'INVALID_INPUT' }),
    ),
    anInvocation({ tenant_id: 'org_123' }),
    ...Array.from({ length: 500 }, () => anInvocation({ tenant_id: 'org_other', success: false })),
  ]);
  await refresh(database.as('refresher'));
});

describe('GET /v1/monitoring/metrics', () => {
  test('a tenant reads its webhooks, rules, rate limits and alerts as documented', async () => {
    const { body } = await get('/v1/monitoring/metrics?type=all', 'org_123');
    const report = monitoringReport.parse(body);
    expect(Object.keys(body)).toEqual(['org_id', 'timestamp', 'webhooks', 'rules', 'rate_limits', 'alerts']);
    expect(report.org_id).toBe('org_123');
    expect(Math.abs(Date.parse(report.timestamp) - Date.now())).toBeLessThan(60_000);
    expect(report.webhooks?.summary).toEqual({
      total_webhooks: 4,
      enabled_webhooks: 3,
      total_deliveries: 47,
      successful_deliveries: 28,
      failed_deliveries: 19,
      avg_success_rate: 59.6,
      webhooks_with_failures: 2,
      critical_webhooks: 1,
    });
    expect(report.webhooks?.webhooks.map(({ webhook_id }) => webhook_id)).toEqual([
      'wh_dead',
      'wh_456',
      'wh_good',
      'wh_off',
    ]);
    expect(report.rules?.summary).toEqual({
      total_rules: 3,
      enabled_rules: 2,
      total_triggers: 9,
      triggers_24h: 6,
      triggers_7d: 9,
      rules_by_type: { stage_change: 2, warmth_threshold: 1 },
    });
    expect(report.rules?.rules[0]).toMatchObject({
      rule_id: 'r_warm',
      rule_name: 'Rule r_warm',
      affected_contacts: 10,
    });
    expect(report.rate_limits?.summary).toEqual({ total: 1, normal: 0, warning: 1, throttled: 0 });
    expect(report.alerts).toMatchObject({ total: 3, critical: 1, warning: 2 });
    expect(report.alerts?.alerts).toContainEqual({
      tenant_id: 'org_123',
      type: 'webhook_failure',
      severity: 'warning',
      resource_id: 'wh_456',
      resource_name: 'https://wh_456.example/webhook',
      message: 'Webhook has 7 consecutive failures',
    });
    expect(report.alerts?.alerts[0]).toMatchObject({ severity: 'critical', resource_id: 'wh_dead' });
  });

  test.each([
    ['webhook', 'webhooks'],
    ['rule', 'rules'],
    ['rate_limit', 'rate_limits'],
    ['alerts', 'alerts'],
  ])('type=%s is answered with that part only', async (type, part) => {
    const { body } = await get(`/v1/monitoring/metrics?type=${type}`, 'org_123');
    expect(Object.keys(body)).toEqual(['org_id', 'timestamp', part]);
  });

  test('without a type everything is answered, and the operator reads all tenants', async () => {
    const { body } = await get('/v1/monitoring/metrics');
    expect(body).toMatchObject({ org_id: '*', webhooks: { summary: { total_webhooks: 5, total_deliveries: 50 } } });
  });

  test('a tenant without any is answered with nothing, and no rate', async () => {
    const { body } = await get('/v1/monitoring/metrics', 'org_new');
    expect(monitoringReport.parse(body)).toMatchObject({
      webhooks: { summary: { total_webhooks: 0, total_deliveries: 0, avg_success_rate: null }, webhooks: [] },
      rules: { summary: { total_rules: 0, rules_by_type: {} }, rules: [] },
      rate_limits: { rate_limits: [] },
      alerts: { total: 0, alerts: [] },
    });
  });
});

test('a list is as long as asked for, and its summary covers all', async () => {
  const { body } = await get('/v1/webhooks?limit=1', 'org_123');
  const report = webhooksReport.parse(body);
  expect(report.webhooks.map(({ webhook_id }) => webhook_id)).toEqual(['wh_dead']);
  expect(report.summary.total_webhooks).toBe(4);
  expect(report.age_seconds).toBeLessThan(60);
  expect(rulesReport.parse((await get('/v1/rules?limit=2', 'org_123')).body).rules).toHaveLength(2);
});

test('one webhook is read by its id, by its own tenant; a namesake of another tenant is reported to the operator', async () => {
  const { body } = await get('/v1/webhooks/wh_456', 'org_123');
  expect(webhookReport.parse(body).webhook).toMatchObject({
    health_status: 'warning',
    total_deliveries: 20,
    successful_deliveries: 13,
    success_rate: 65,
    consecutive_failures: 7,
  });
  expect((await get('/v1/webhooks/wh_456', 'org_other')).body.webhook).toMatchObject({ total_deliveries: 3 });
  expect((await get('/v1/webhooks/wh_good', 'org_other')).status).toBe(404);
  expect((await get('/v1/webhooks/wh_456')).status).toBe(409);
  expect((await get('/v1/webhooks/wh_good')).body.webhook).toMatchObject({ tenant_id: 'org_123' });
});

test('rate limits and alerts are each tenant’s own', async () => {
  const limits = rateLimitsReport.parse((await get('/v1/rate-limits', 'org_other')).body);
  expect(limits.rate_limits).toMatchObject([
    { identifier: 'limit of org_other', utilization_pct: 10, status: 'normal' },
  ]);
  expect(rateLimitsReport.parse((await get('/v1/rate-limits')).body).rate_limits).toMatchObject([
    { tenant_id: 'org_123', utilization_pct: 95 },
    { tenant_id: 'org_other' },
  ]);
  expect(alertsReport.parse((await get('/v1/alerts', 'org_other')).body).total).toBe(0);
  const first = alertsReport.parse((await get('/v1/alerts?limit=1')).body);
  expect(first).toMatchObject({ total: 4, alerts: [{ severity: 'critical' }] });
});

test('the errors of 24 hours are a warning above 100 and critical above 500, without those that callers make', async () => {
  const read = async (tenant?: string) => errorsReport.parse((await get('/v1/errors', tenant)).body);
  expect(await read('org_123')).toMatchObject({
    total_invocations: 1_002,
    error_count: 1_001,
    caller_error_count: 900,
    severity: 'warning',
    warning_above: 100,
    critical_above: 500,
  });
  expect(await read('org_other')).toMatchObject({ error_count: 500, severity: 'warning' });
  expect(await read()).toMatchObject({ error_count: 1_501, severity: 'critical' });
  expect(await read('org_new')).toMatchObject({ error_count: 0, severity: 'none' });
});

describe('the client of the package', () => {
  const client = createMonitoringClient({ url: `${api.url}/` });

  test('reads a webhook, rate limits, alerts and errors of one tenant', async () => {
    expect(await client.getWebhookMetrics('wh_456', 'org_123')).toMatchObject({
      total_deliveries: 20,
      successful_deliveries: 13,
      success_rate: 65,
    });
    expect(await client.getWebhookMetrics('no such/webhook %', 'org_123')).toBeUndefined();
    expect(await client.getRateLimitMetrics('org_123')).toMatchObject([{ utilization_pct: 95 }]);
    const { alerts } = await client.checkAlerts('org_123');
    expect(alerts.map(({ severity, message }) => `[${severity.toUpperCase()}] ${message}`)).toContain(
      '[WARNING] Webhook has 7 consecutive failures',
    );
    expect(await client.getErrorTotals('org_123')).toMatchObject({ error_count: 1_001, severity: 'warning' });
    expect(await client.getMetrics()).toMatchObject({ org_id: '*', alerts: { total: 4 } });
  });

  test('throws what the api says is wrong, with its status', async () => {
    await expect(client.getWebhookMetrics('wh_456')).rejects.toThrow('Several tenants have a webhook called wh_456');
    await expect(client.checkAlerts('*')).rejects.toBeInstanceOf(MonitoringError);
    await expect(client.checkAlerts('*')).rejects.toMatchObject({ status: 400 });
  });

  test('sends a token, and requests through the function that signs them', async () => {
    const sent: [string, Headers][] = [];
    const signing = createMonitoringClient({
      url: 'https://api.example.com',
      token: async () => 'a.b.c',
      fetch: async (url, { headers }) => {
        sent.push([url, new Headers(headers)]);
        return new Response('<html>', { status: 502 });
      },
    });
    await expect(signing.checkAlerts('org_1')).rejects.toMatchObject({ message: 'The api answered 502.' });
    expect(sent[0]?.[0]).toBe('https://api.example.com/v1/alerts');
    expect([sent[0]?.[1].get('authorization'), sent[0]?.[1].get('x-tenant-id')]).toEqual(['Bearer a.b.c', 'org_1']);
  });
});
