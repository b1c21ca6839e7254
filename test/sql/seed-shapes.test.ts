import { afterAll, beforeAll, expect, test } from 'vitest';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const api = await serveApi(db.as('reader'));
afterAll(api.close);

/** Stands for keys that are data, of which at least one must be there. */
const ANY_KEYS = { '*': 0 };

/** Answers as the documents of the earlier systems print them; what they leave out is left out here. */
const PRINTED: Record<string, object> = {
  '/v1/monitoring/metrics?type=all': {
    org_id: 'org_123',
    timestamp: '2025-10-15T22:00:00Z',
    webhooks: {
      summary: {
        total_webhooks: 5,
        enabled_webhooks: 4,
        total_deliveries: 1247,
        successful_deliveries: 1198,
        failed_deliveries: 49,
        avg_success_rate: 96.1,
        webhooks_with_failures: 1,
        critical_webhooks: 0,
      },
      webhooks: [],
    },
    rules: {
      summary: {
        total_rules: 8,
        enabled_rules: 6,
        total_triggers: 342,
        triggers_24h: 18,
        triggers_7d: 127,
        rules_by_type: ANY_KEYS,
      },
      rules: [],
    },
    alerts: {
      total: 1,
      critical: 0,
      warning: 1,
      alerts: [
        {
          type: 'webhook_failure',
          severity: 'warning',
          resource_id: 'wh_456',
          resource_name: 'https://my-app.com/webhook',
          message: 'Webhook has 7 consecutive failures',
        },
      ],
    },
  },
  '/api/woocommerce/analytics?domain=shop.example.com&days=7': {
    success: true,
    data: {
      metrics: [],
      stats: {
        total_operations: 17,
        success_rate: 64.7,
        avg_duration_ms: 833,
        operations_by_type: ANY_KEYS,
        errors_by_type: ANY_KEYS,
      },
      filters: {},
    },
  },
  '/api/woocommerce/health': {
    success: true,
    data: {
      overall_status: 'healthy',
      healthy_domains: 1,
      total_domains: 1,
      health_checks: [
        {
          domain: 'shop.example.com',
          status: 'healthy',
          message: 'WooCommerce API responding',
          response_time_ms: 245,
          woocommerce_url: 'https://…',
        },
      ],
    },
  },
  '/health': {
    status: 'ok',
    timestamp: '2024-01-19T12:00:00.000Z',
    service: 'df-middleware',
    dependencies: ANY_KEYS,
  },
};

/** The places at which an answer lacks a printed key, or has a value of another type there. */
const findMissing = (printed: unknown, given: unknown, at = ''): string[] => {
  if (Array.isArray(printed)) {
    if (!Array.isArray(given) || (printed.length > 0 && given.length === 0)) return [at];
    return printed.length > 0 ? given.flatMap((each) => findMissing(printed[0], each, `${at}[]`)) : [];
  }
  if (typeof printed !== 'object' || printed === null) return typeof printed === typeof given ? [] : [at];
  if (typeof given !== 'object' || given === null) return [at];
  if ('*' in printed) return Object.values(given).length > 0 ? [] : [`${at}.*`];
  return Object.entries(printed).flatMap(([key, value]) =>
    findMissing(value, (given as Record<string, unknown>)[key], `${at}.${key}`),
  );
};

beforeAll(async () => {
  const operation = { provider: 'woocommerce', domain: 'shop.example.com' };
  await store(db.as('writer'), [
    ...Array.from({ length: 9 }, () => anInvocation({ ...operation, name: 'search_products', duration_ms: 200 })),
    anInvocation({ ...operation, name: 'get_cart', duration_ms: 700, fault: 'ours', error_type: 'CartError' }),
    anInvocation({
      ...operation,
      domain: 'down.example.com',
      name: 'get_cart',
      tenant_id: 'acme',
      fault: 'dependency',
    }),
    anInvocation({ provider: 'bank', domain: 'bank.example', name: 'pay' }),
    ...Array.from({ length: 7 }, () => anInvocation({ kind: 'webhook', name: 'wh_456', fault: 'dependency' })),
    anInvocation({ kind: 'rule', name: 'r-1', metadata: { rule_type: 'stage_change' } }),
  ]);
  await refresh(db.as('refresher'));
});

const get = async (path: string, tenant?: string) => {
  const response = await api.get(path, tenant === undefined ? {} : { headers: { 'x-tenant-id': tenant } });
  return response.json();
};

test.each(Object.entries(PRINTED))(
  '%s has every key that was printed, and values of their types',
  async (path, printed) => {
    expect(findMissing(printed, await get(path))).toEqual([]);
  },
);

test.each([
  ['webhook', ['webhooks']],
  ['rule', ['rules']],
  ['rate_limit', ['rate_limits']],
  ['alerts', ['alerts']],
  ['all', ['webhooks', 'rules', 'rate_limits', 'alerts']],
])('type=%s is answered with that part', async (type, parts) => {
  expect(Object.keys(await get(`/v1/monitoring/metrics?type=${type}`))).toEqual(['org_id', 'timestamp', ...parts]);
});

test('operations are counted by type and by error, of one shop or of all, and listed with the columns of the table', async () => {
  const { data } = await get('/api/woocommerce/analytics?domain=shop.example.com&limit=2');
  expect(data.stats).toEqual({
    total_operations: 10,
    success_rate: 90,
    avg_duration_ms: 250,
    operations_by_type: { search_products: 9, get_cart: 1 },
    errors_by_type: { CartError: 1 },
  });
  expect(data.filters).toMatchObject({ domain: 'shop.example.com', operation: null, days: 7, limit: 2 });
  expect(data.metrics).toHaveLength(2);
  expect(Object.keys(data.metrics[0])).toEqual([
    ...['id', 'operation', 'duration_ms', 'success', 'error_type', 'error_message', 'domain', 'customer_config_id'],
    ...['user_agent', 'created_at'],
  ]);
  expect((await get('/api/woocommerce/analytics')).data.stats.total_operations).toBe(11);
  expect((await get('/v1/analytics')).data.stats.total_operations).toBe(12);
  expect((await get('/v1/analytics?provider=bank&operation=pay')).data.stats.total_operations).toBe(1);
});

test('a tenant sees its own operations and domains, without the words of our own errors', async () => {
  expect((await get('/v1/analytics', 'acme')).data.stats.total_operations).toBe(1);
  expect((await get('/api/woocommerce/health', 'acme')).data).toMatchObject({
    overall_status: 'unhealthy',
    healthy_domains: 0,
    health_checks: [{ domain: 'down.example.com', status: 'unhealthy', response_time_ms: 120 }],
  });
  const { data } = await get('/v1/analytics?operation=get_cart', 'default');
  expect(data.metrics).toMatchObject([{ error_type: 'CartError', error_message: null }]);
  expect((await get('/api/woocommerce/health', 'nobody')).data).toMatchObject({ overall_status: 'unknown' });
});

test('the metrics of Prometheus are there as JSON, together and one by one, for the operator', async () => {
  const { metrics } = await get('/api/observability/metrics/snapshot');
  const names = metrics.map(({ name }: { name: string }) => name);
  expect(names).toContain('tool_executions');
  const { metric } = await get('/api/observability/metrics/tool_execution_duration_seconds');
  expect(metric).toMatchObject({ type: 'histogram', series: expect.any(Array) });
  const [first] = metric.series;
  expect(first.buckets['+Inf']).toBe(first.count);
  expect((await get('/api/observability/metrics/tool_executions_total')).metric.name).toBe('tool_executions');
  expect((await get('/api/observability/metrics/none')).status).toBe(404);
  expect((await get('/api/observability/metrics/snapshot', 'acme')).status).toBe(403);
  expect(await get('/api/observability/dashboard')).toMatchObject({
    health: { service: 'toolwatch' },
    totals: { tools: 3, total_invocations: 12, error_count: 2 },
  });
  expect((await get('/api/observability/dashboard', 'acme')).status).toBe(403);
});
