import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import {
  currentCall,
  defineTool,
  flushMetrics,
  logOperation,
  observe,
  observeHandler,
  recordHttpRequest,
  recordKpi,
  registerHealthCheck,
  runHealthChecks,
  trackDatabaseOperation,
  trackRuleExecution,
  trackWebhookDelivery,
} from '../../lambdas/observe/index.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { toolFacts } from '../support/a-tool.ts';
import { anEnvelope } from '../support/an-envelope.ts';
import { serveApi } from '../support/api-rig.ts';
import { captureLines } from '../support/captured-lines.ts';
import { testDatabase } from '../support/database.ts';
import { aContext } from '../support/lambda-context.ts';

const lines = captureLines();
const db = await testDatabase();
const rowsOf = async (text: string) => (await db.as('operator').run((client) => client.query(text))).rows;
const CONFIG_ID = '7d4f6a52-0b1c-4c6e-9f5e-1a2b3c4d5e6f';

/** The operations of a shop's API, as their names are recorded. */
const SHOP_OPERATIONS = [
  ...['get_products', 'get_product', 'create_product', 'update_product', 'delete_product', 'get_stock_status'],
  ...['get_orders', 'get_order', 'create_order', 'update_order', 'delete_order', 'get_order_notes', 'refund_order'],
  ...['get_customers', 'get_customer', 'create_customer', 'update_customer', 'get_coupons', 'create_coupon'],
  ...['get_categories', 'get_tags', 'get_reports', 'get_sales_report', 'get_top_sellers', 'get_settings'],
];

let provider: Server;
let providerUrl = '';

/** Everything below is written by the package's own functions, and arrives as lines of the log do. */
beforeAll(async () => {
  provider = createServer((_request, response) => {
    const reset = Math.ceil(Date.now() / 1_000) + 600;
    response.setHeader('x-ratelimit-limit', '100').setHeader('x-ratelimit-remaining', '5');
    response.setHeader('x-ratelimit-reset', String(reset)).end('{}');
  });
  await new Promise<void>((listening) => provider.listen(0, '127.0.0.1', listening));
  providerUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;

  const shop = defineTool(toolFacts({ name: 'shop_quota', provider: 'shop' })).run(async (_args, { fetch }) => {
    await fetch(providerUrl);
    return { degrees: 1 };
  });
  await shop({ city: 'Oslo' }, aContext());

  for (const operation of SHOP_OPERATIONS)
    await logOperation(operation, () => currentCall()?.annotate({ customer_config_id: CONFIG_ID }), {
      provider: 'woocommerce',
      domain: 'shop.example.com',
    })();

  const delivered = { url: 'https://hooks.example.com/in?token=s', enabled: false };
  trackWebhookDelivery('wh_1', 'sent', 145, undefined, { metadata: delivered, tenant_id: 'org_1' });
  trackWebhookDelivery('wh_1', 'failed', 900, 'answered 503', { metadata: delivered, tenant_id: 'org_1' });
  const rule = { metadata: { rule_name: 'Cold contacts', rule_type: 'no_touch_days' }, segment_member_count: 40 };
  trackRuleExecution('rule_1', 'success', 20, 17, undefined, rule);
  recordHttpRequest('POST', '/api/users', 201, 0.345);
  await observeHandler(async () => ({ statusCode: 200 }))(
    { httpMethod: 'GET', path: '/orders/7', resource: '/orders/{id}', headers: {}, requestContext: {} },
    {},
  );
  await trackDatabaseOperation('select_orders', () => 1)();
  await observe('sync', 'inbound:contact', () => 1);
  await observe('job', 'mail', ({ measure }) => measure('queue_depth', 7));
  recordKpi('revenue', 19.5, 'USD');
  flushMetrics();
  registerHealthCheck('auth', () => ({ status: 'unhealthy', message: 'refuses tokens' }), {
    type: 'auth',
    critical: true,
    domain: 'auth.example.com',
  });
  await runHealthChecks();
  await ingest(db.as('writer'), anEnvelope(lines.raw()));
  await refresh(db.as('refresher'));
});
afterAll(() => provider.close());

describe('what the package records is in the views:', () => {
  test('the quota that a provider states in its answer, with how much of it is used', async () => {
    expect(await rowsOf('select * from analytics.v_rate_limit_utilization')).toMatchObject([
      { key_type: 'provider', identifier: 'shop', request_count: 95, limit_max: 100, status: 'warning' },
    ]);
  });

  test('each of a shop’s 25 operations, with the shop and whose configuration it was', async () => {
    const rows = await rowsOf('select * from analytics.woocommerce_usage_metrics order by operation');
    expect(rows.map(({ operation }) => operation)).toEqual([...SHOP_OPERATIONS].sort());
    expect(rows[0]).toMatchObject({ domain: 'shop.example.com', customer_config_id: CONFIG_ID, success: true });
    const [summary] = await rowsOf(`
      select count(*)::integer as calls, avg(duration_ms) is not null as has_average,
        min(duration_ms) <= max(duration_ms) as has_range
      from analytics.woocommerce_usage_metrics where operation = 'get_products'`);
    expect(summary).toEqual({ calls: 1, has_average: true, has_range: true });
  });

  test('a webhook with its url and whether it is enabled, and a rule with its name and type', async () => {
    expect(await rowsOf('select * from analytics.v_webhook_health')).toMatchObject([
      { webhook_id: 'wh_1', url: 'https://hooks.example.com/in', health_status: 'disabled' },
    ]);
    expect(await rowsOf('select * from analytics.mv_rule_performance')).toMatchObject([
      { rule_id: 'rule_1', rule_name: 'Cold contacts', rule_type: 'no_touch_days', segment_member_count: 40 },
    ]);
  });

  test('requests that succeeded, by their routes', async () => {
    const [totals] = await rowsOf(`
      select sum(total_requests)::integer as total, sum(successful_requests)::integer as successful,
        sum(failed_requests)::integer as failed
      from analytics.v_api_usage_metrics`);
    expect(totals).toEqual({ total: 2, successful: 2, failed: 0 });
    const resources = await rowsOf(`
      select distinct resource from analytics.v_api_usage_metrics, jsonb_object_keys(requests_by_resource) as resource
      order by resource`);
    expect(resources.map(({ resource }) => resource)).toEqual(['GET /orders/{id}', 'POST /api/users']);
  });

  test('queries, syncs, queues and business figures', async () => {
    const queries = "select name from analytics.invocations where kind = 'query'";
    expect(await rowsOf(queries)).toEqual([{ name: 'select_orders' }]);
    expect(await rowsOf('select direction, entity_type from analytics.v_sync_health')).toEqual([
      { direction: 'inbound', entity_type: 'contact' },
    ]);
    expect(await rowsOf("select queue_depth from analytics.v_queue_health where queue = 'mail'")).toMatchObject([
      { queue_depth: 7 },
    ]);
    expect(await rowsOf("select total from analytics.measures_hourly where measure = 'revenue'")).toMatchObject([
      { total: 19.5 },
    ]);
  });

  test('the result of a check of one’s own, which /health takes for what it says', async () => {
    const api = await serveApi(db.as('reader'));
    const response = await api.get('/health');
    await api.close();
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({
      status: 'unhealthy',
      dependencies: { auth: 'unhealthy' },
      health_checks: expect.arrayContaining([
        expect.objectContaining({ component: 'auth', domain: 'auth.example.com', message: 'refuses tokens' }),
      ]),
      components: expect.arrayContaining([expect.objectContaining({ name: 'auth', type: 'auth', critical: true })]),
    });
  });
});
