import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KINDS } from '../../../lambdas/contract/vocabulary.ts';
import { toRoute } from '../../../lambdas/observe/event/http-exchange.ts';
import {
  flushMetrics,
  observe,
  record,
  recordCache,
  recordHttpRequest,
  recordKpi,
  trackAPIRequest,
  trackRuleExecution,
  trackWebhookDelivery,
} from '../../../lambdas/observe/index.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { captureLines } from '../../support/captured-lines.ts';

const lines = captureLines();
const lineAt = (index: number) => JSON.parse(lines.raw().at(index) ?? '');
const expectValidLines = () => expect(lines.raw().flatMap((line) => checkLine(line) ?? ['no record'])).toEqual([]);

describe('work that was measured elsewhere', () => {
  test('has the same line as observed work, with its own times', () => {
    record({
      kind: 'job',
      name: 'nightly',
      success: true,
      duration_ms: 1_500.5,
      started_at: '2026-11-20T18:40:00.000Z',
      attempts: 2,
      tenant_id: 'acme',
      user_id: 'u-1',
      correlation_id: 'req-7',
      gpt_name: 'Shop',
      provider: 'woocommerce',
      domain: 'shop.example.com',
      cost_usd: 0.5,
      measures: { orders: 3 },
      metadata: { customer_config_id: '11111111-2222-4333-8444-555555555555', table: 'orders' },
      metadata_keys: ['table'],
    });
    expect(lines.records()).toMatchObject([
      {
        kind: 'job',
        name: 'nightly',
        success: true,
        started_at: '2026-11-20T18:40:00.000Z',
        finished_at: '2026-11-20T18:40:01.501Z',
        duration_ms: 1_500.5,
        attempts: 2,
        tenant_id: 'acme',
        user_id: 'u-1',
        correlation_id: 'req-7',
        gpt_name: 'Shop',
        provider: 'woocommerce',
        domain: 'shop.example.com',
        cost_usd: 0.5,
        measures: { orders: 3 },
        metadata: { table: 'orders' },
      },
    ]);
    expect(lineAt(0)).toMatchObject({ tool: 'job/nightly', error: 0 });
    expectValidLines();
  });

  test('that failed says why and who must act', () => {
    record({ kind: 'sync', name: 'orders', success: false, duration_ms: 10, error_message: 'no room for order 17' });
    record({ kind: 'dependency', name: 'shop', success: false, duration_ms: 10, http: { status: 429 } });
    record({ kind: 'job', name: 'x', success: false, duration_ms: 1, error_code: 'TIMEOUT', fault: 'platform' });
    expect(lines.records()).toMatchObject([
      {
        error_code: 'INTERNAL_ERROR',
        fault: 'ours',
        error_type: 'sync_failed',
        error_message: 'no room for order <n>',
      },
      { error_code: 'RATE_LIMITED', fault: 'dependency', error_type: 'http_429', metadata: { http: { status: 429 } } },
      { error_code: 'TIMEOUT', fault: 'platform', error_type: 'job_failed' },
    ]);
    expectValidLines();
  });

  test('inside a call is recorded as that call’s child', async () => {
    await observe('job', 'outer', () => record({ kind: 'query', name: 'inner', success: true, duration_ms: 2 }), {
      tenantId: 'acme',
    });
    const [inner, outer] = lines.records();
    expect(inner).toMatchObject({
      name: 'inner',
      parent_id: outer?.event_id,
      trace_id: outer?.trace_id,
      tenant_id: 'acme',
    });
  });

  test('whose duration is no number is written all the same, and says so', () => {
    for (const duration_ms of [Number.NaN, Number.POSITIVE_INFINITY, -1, '3' as never]) {
      record({ kind: 'job', name: 'odd', success: true, duration_ms });
    }
    expect(lines.records()).toHaveLength(4);
    for (const { metadata, duration_ms } of lines.records()) {
      expect([duration_ms, metadata?.altered]).toEqual([0, [expect.stringContaining('duration_ms')]]);
    }
  });

  test('without a kind or a name is refused and counted', () => {
    record({ kind: 'party' as never, name: 'x', success: true, duration_ms: 1 });
    record({ kind: 'job', name: '', success: true, duration_ms: 1 });
    record(undefined as never);
    expect(lines.raw()).toEqual([]);
    record({ kind: 'job', name: 'after', success: true, duration_ms: 1 });
    // The four durations of the test before are among them.
    expect(lineAt(0).telemetry_dropped).toBeGreaterThanOrEqual(3);
  });

  test('has a valid line whatever it is said to be', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 700 }),
      fc.constantFrom('*', 'default', '\0', '\ud800'),
    );
    const anything = fc.oneof(fc.anything(), fc.double(), text);
    const keys = [
      'success',
      'duration_ms',
      'started_at',
      'error_code',
      'error_type',
      'error_message',
      'fault',
      'retryable',
      'attempts',
      'tenant_id',
      'user_id',
      'session_id',
      'correlation_id',
      'parent_id',
      'replay_of',
      'source_gpt',
      'user_agent',
      'traceparent',
      'gpt_name',
      'provider',
      'domain',
      'request_bytes',
      'response_bytes',
      'cost_usd',
      'metadata',
      'metadata_keys',
      'measures',
      'rate_limit',
      'http',
      'slow_ms',
      'critical_ms',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...KINDS),
        text,
        fc.dictionary(fc.constantFrom(...keys), anything),
        (kind, name, given) => {
          const before = lines.raw().length;
          record({ ...given, kind, name } as never);
          const written = lines.raw().slice(before);
          expect(written).toHaveLength(name === '' ? 0 : 1);
          for (const line of written) expect(checkLine(line)).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the seeds’ own names record', () => {
  test('a webhook’s delivery, with its url and whether it is enabled', () => {
    trackWebhookDelivery('wh_1', 'sent', 145, undefined, {
      metadata: { url: 'https://my-app.com/webhook', enabled: true },
    });
    trackWebhookDelivery('wh_1', 'failed', 30, 'receiver answered 503', { http: { status: 503 } });
    expect(lines.records()).toMatchObject([
      {
        kind: 'webhook',
        name: 'wh_1',
        success: true,
        duration_ms: 145,
        metadata: { url: 'https://my-app.com/webhook', enabled: true },
      },
      {
        kind: 'webhook',
        success: false,
        error_type: 'http_503',
        error_message: 'receiver answered 503',
        fault: 'dependency',
      },
    ]);
    expectValidLines();
  });

  test('a rule’s run, with its name, its type and how many it affected', () => {
    const metadata = { rule_name: 'Cold contacts', rule_type: 'no_touch_days', enabled: true };
    trackRuleExecution('rule_1', 'success', 20, 17, undefined, { metadata, segment_member_count: 40 });
    trackRuleExecution('rule_1', 'failed', 20, 0, 'no such segment');
    expect(lines.records()).toMatchObject([
      { kind: 'rule', name: 'rule_1', measures: { affected_contacts: 17, segment_member_count: 40 }, metadata },
      { success: false, fault: 'ours', error_message: 'no such segment' },
    ]);
    expectValidLines();
  });

  test('a request, by its route and its status; a refusal is its caller’s fault', () => {
    recordHttpRequest('POST', '/api/users', 201, 0.345);
    recordHttpRequest('get', '/orders/17?token=hidden', 403, 0.01);
    trackAPIRequest({ method: 'GET', path: '/orders/{id}', status: 503, duration_ms: 12, tenant_id: 'acme' });
    expect(lines.records()).toMatchObject([
      {
        kind: 'http',
        name: 'POST /api/users',
        success: true,
        duration_ms: 345,
        metadata: { http: { method: 'POST', route: '/api/users', status: 201 } },
      },
      {
        name: 'GET /orders/{id}',
        success: false,
        error_type: 'http_403',
        fault: 'caller',
        metadata: { http: { status: 403 } },
      },
      { name: 'GET /orders/{id}', error_type: 'http_503', fault: 'ours', tenant_id: 'acme' },
    ]);
    expect(lines.raw().join('')).not.toContain('hidden');
    expectValidLines();
  });

  test('requests with routes without end as one route', () => {
    for (let index = 0; index < 700; index += 1) {
      const word = [...String(index)].map((digit) => 'abcdefghij'[Number(digit)]).join('');
      recordHttpRequest('GET', `/${word}`, 404, 0.001);
    }
    expect(new Set(lines.records().map(({ name }) => name)).size).toBeLessThanOrEqual(501);
    expect(lines.records().at(-1)?.name).toBe('GET /{any}');
  });

  test('whether a cache had it, and a business figure, in the call’s line', async () => {
    await observe('job', 'cached', () => {
      recordCache(true);
      recordCache(true);
      recordCache(false, 'prices');
      recordKpi('revenue_cents', 1_999, 'cents');
    });
    expect(lines.records()[0]).toMatchObject({
      measures: {
        'cache_hits_total{cache="default"}': 2,
        'cache_misses_total{cache="prices"}': 1,
        revenue_cents: 1_999,
      },
      metadata: { units: { revenue_cents: 'cents' } },
    });
  });

  test('the same outside a call, in a line of its own', () => {
    recordKpi('signups', 1);
    recordKpi('signups', 2);
    expect(lines.raw()).toEqual([]);
    flushMetrics();
    expect(lines.records()).toMatchObject([{ kind: 'job', name: '_metrics', measures: { signups: 3 }, success: true }]);
    expectValidLines();
  });
});

test.each([
  ['/users/17', '/users/{id}'],
  ['/v1/users/:id', '/v1/users/:id'],
  ['https://api.example.com/orders/A-1042/items?x=1#y', '/orders/{id}/items'],
  ['/people/jo@example.com', '/people/{id}'],
  ['orders', '/orders'],
  ['', '/'],
])('the route of the path %j is %j', (path, route) => expect(toRoute(path)).toBe(route));
