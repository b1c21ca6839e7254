import { beforeAll, expect, test } from 'vitest';
import { store } from '../../lambdas/ingest/store.ts';
import {
  defineTool,
  observe,
  record,
  recordHttpRequest,
  trackRuleExecution,
  trackWebhookDelivery,
} from '../../lambdas/observe/index.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { isReject, parseRecord } from '../../lambdas/subscription/record.ts';
import { toolFacts } from '../support/a-tool.ts';
import { captureLines } from '../support/captured-lines.ts';
import { testDatabase } from '../support/database.ts';
import { aContext } from '../support/lambda-context.ts';

/** What the package's own functions write is what the views show: no column is filled by tests alone. */

const CONFIG_ID = '11111111-2222-4333-8444-555555555555';
const db = await testDatabase();
const lines = captureLines();

const shopTool = defineTool(toolFacts({ name: 'get_cart', provider: 'woocommerce', gptName: 'Shop' })).run(
  ({ city }, { label, annotate, rateLimit }) => {
    label({ domain: `${city}.example.com` });
    annotate({ customer_config_id: CONFIG_ID });
    rateLimit({ key: 'org_9', keyType: 'org', count: 95, max: 100 });
    return { degrees: 1 };
  },
);

/** Everything once, then as ingest reads, stores and counts it. */
const writeAndStore = async (): Promise<void> => {
  const caller = { user_id: 'u-1', session_id: 's-1', source_gpt: 'Helper', tenant_id: 'acme' };
  await shopTool({ city: 'oslo' }, aContext(caller));
  trackWebhookDelivery('wh_on', 'sent', 145, undefined, { metadata: { url: 'https://app.example.com/hook' } });
  trackWebhookDelivery('wh_off', 'failed', 30, 'receiver answered 503', {
    metadata: { url: 'https://old.example.com/hook', enabled: false },
  });
  trackRuleExecution('rule_1', 'success', 20, 17, undefined, {
    metadata: { rule_name: 'Cold contacts', rule_type: 'no_touch_days', enabled: true },
    segment_member_count: 40,
  });
  trackRuleExecution('rule_2', 'failed', 20, 0, 'no such segment', { metadata: { enabled: false } });
  await observe('sync', 'inbound:contact', () => 1);
  await observe('job', 'mails', ({ measure }) => {
    measure('queue_depth', 7);
    measure('oldest_age_seconds', 90);
  });
  recordHttpRequest('POST', '/api/users', 201, 0.345);
  record({ kind: 'dependency', name: 'crm', success: true, duration_ms: 12 });

  const records = lines
    .raw()
    .map(parseRecord)
    .flatMap((outcome) => (isReject(outcome) ? [] : [outcome]));
  await store(db.as('writer'), records);
  await refresh(db.as('refresher'));
};

const read = async (text: string): Promise<Record<string, unknown>[]> =>
  db.as('operator').run(async (client) => (await client.query(text)).rows);

beforeAll(writeAndStore);

/** Each view with the row that it must have. */
const PROMISED: [view: string, columns: Record<string, unknown>][] = [
  [
    'tool_invocations',
    {
      tool_name: 'get_cart',
      user_id: 'u-1',
      session_id: 's-1',
      gpt_name: 'Shop',
      source_gpt: 'Helper',
      provider: 'woocommerce',
    },
  ],
  [
    'woocommerce_usage_metrics',
    { operation: 'get_cart', domain: 'oslo.example.com', customer_config_id: CONFIG_ID, success: true },
  ],
  ['integration_operations', { operation: 'get_cart', provider: 'woocommerce', domain: 'oslo.example.com' }],
  ['mv_webhook_performance', { webhook_id: 'wh_on', url: 'https://app.example.com/hook', enabled: true }],
  ['mv_webhook_performance', { webhook_id: 'wh_off', url: 'https://old.example.com/hook', enabled: false }],
  ['v_webhook_health', { webhook_id: 'wh_off', health_status: 'disabled' }],
  ['webhook_deliveries', { webhook_id: 'wh_off', status: 'failed', error_message: 'receiver answered 503' }],
  [
    'mv_rule_performance',
    {
      rule_id: 'rule_1',
      rule_name: 'Cold contacts',
      rule_type: 'no_touch_days',
      enabled: true,
      affected_contacts: 17,
      segment_member_count: 40,
      failures_7d: 0,
    },
  ],
  ['mv_rule_performance', { rule_id: 'rule_2', rule_name: 'rule_2', enabled: false, failures_24h: 1, failures_7d: 1 }],
  ['v_rate_limit_utilization', { key_type: 'org', identifier: 'org_9', utilization_pct: 95, status: 'warning' }],
  ['v_alert_conditions', { type: 'rate_limit', severity: 'warning', resource_id: 'org_9' }],
  ['v_api_usage_metrics', { total_requests: 1, successful_requests: 1 }],
  ['sync_log', { direction: 'inbound', entity_type: 'contact', status: 'success' }],
  ['v_sync_health', { direction: 'inbound', entity_type: 'contact', success_rate: 100 }],
  ['v_queue_health', { queue: 'mails', queue_depth: 7, oldest_age_seconds: 90 }],
  ['v_sessions', { session_id: 's-1', user_id: 'u-1', journey: ['get_cart'] }],
];

test.each(PROMISED)('%s shows what was written: %o', async (view, columns) => {
  expect(await read(`select * from ${view}`)).toContainEqual(expect.objectContaining(columns));
});
