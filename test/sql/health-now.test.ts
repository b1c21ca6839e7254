import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiParts } from '../../lambdas/api/routes.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { healthReport } from '../../lambdas/contract/reports.ts';
import { openDatabase } from '../../lambdas/database/database.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const database = await testDatabase();
const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

const clear = () =>
  database.rows('truncate analytics.invocations, rollup.pending_batches, rollup.tool_5m, rollup.tenant_hour');
beforeEach(async () => {
  await clear();
});
afterEach(clear);

const calls = (count: number, given: Partial<Invocation> = {}) =>
  Array.from({ length: count }, () => anInvocation(given));

const readHealth = async (
  invocations: Invocation[],
  expected: ApiParts['expected'] = { providers: [], checks: [] },
  as = database.as('reader'),
) => {
  if (invocations.length > 0) await store(database.as('writer'), invocations);
  await refresh(database.as('refresher'));
  const api = await serveApi(as, [], { TOOLWATCH_TENANTS: 'on' }, expected);
  try {
    const response = await api.get('/health');
    const ready = await api.get('/health/ready');
    const report = healthReport.parse(await response.json());
    expect(ready.status).toBe(response.status);
    const find = (name: string) => report.components.find((component) => component.name === name);
    return { httpStatus: response.status, report, find };
  } finally {
    await api.close();
  }
};

describe('health tells what is true now', () => {
  test('a tool that failed this morning and works again degrades nothing', async () => {
    const { report, find } = await readHealth([
      ...calls(60, { success: false, started_at: minutesAgo(180) }),
      ...calls(30),
    ]);
    expect(report.status).toBe('ok');
    expect(find('tools')).toMatchObject({
      status: 'ok',
      since: null,
      message: '0 of the 1 tools called in the last 15 minutes fail',
    });
  });

  test('a tool that fails now is named, with the time since when', async () => {
    const { report, find, httpStatus } = await readHealth([
      ...calls(30, { started_at: minutesAgo(70) }),
      ...calls(20, { success: false, started_at: minutesAgo(40) }),
      ...calls(12, { success: false }),
      ...calls(30, { name: 'place_order' }),
    ]);
    expect(httpStatus).toBe(200);
    expect(report).toMatchObject({ status: 'degraded', overall_status: 'degraded' });
    const tools = find('tools');
    expect(tools?.message).toContain('1 of the 2 tools called in the last 15 minutes fail: order_status since ');
    const since = Date.parse(tools?.since ?? '');
    expect(since).toBeGreaterThan(Date.parse(minutesAgo(46)));
    expect(since).toBeLessThanOrEqual(Date.parse(minutesAgo(39)));
  });

  test('faults of callers, and few failures among many calls, degrade nothing', async () => {
    const { find } = await readHealth([
      ...calls(30, { fault: 'caller', error_code: 'INVALID_INPUT' }),
      ...calls(2, { name: 'place_order', success: false }),
      ...calls(40, { name: 'search_products' }),
      ...calls(4, { name: 'search_products', success: false }),
    ]);
    expect(find('tools')?.status).toBe('ok');
  });

  test('a tool that is called too rarely for a rate fails when most of its calls do', async () => {
    expect((await readHealth(calls(3, { success: false }))).find('tools')?.status).toBe('degraded');
  });

  test('a tool that is slower than its threshold is named; a slow call or two, or failures, are no slowness', async () => {
    const thresholds = ['order_status', 'place_order', 'search_products'].map((name) => `('${name}', 500, 0.1, 20, 3)`);
    await database.rows(
      `insert into analytics.tool_thresholds (name, p95_ms, error_rate, min_calls, min_errors)
       values ${thresholds.join()} on conflict (name) do update set p95_ms = excluded.p95_ms`,
    );
    const { report, find } = await readHealth([
      ...calls(27, { duration_ms: 100 }),
      ...calls(3, { duration_ms: 900 }),
      ...calls(58, { name: 'place_order', duration_ms: 100 }),
      ...calls(2, { name: 'place_order', duration_ms: 900 }),
      ...calls(60, { name: 'search_products', duration_ms: 100 }),
      ...calls(4, { name: 'search_products', duration_ms: 900, success: false }),
    ]);
    expect(report.status).toBe('degraded');
    expect(find('tools')).toMatchObject({
      status: 'degraded',
      message: '0 of the 3 tools called in the last 15 minutes fail; slower than their threshold: order_status',
    });
  });

  test('what nobody called is unknown, and the service is not worse for it', async () => {
    const { report, find } = await readHealth([], { providers: ['shop'], checks: [] });
    expect(find('tools')).toMatchObject({ status: 'unknown', message: 'no call in the last 15 minutes' });
    expect(report).toMatchObject({ status: 'ok', overall_status: 'healthy', healthy_domains: 0, total_domains: 1 });
    expect(report.dependencies).toMatchObject({ database: 'ok', tools: 'unknown', shop: 'unknown' });
  });
});

describe('providers', () => {
  test('each is evaluated by the calls that need it, of tools and of its own', async () => {
    const { report } = await readHealth(
      [
        ...calls(10, { provider: 'ghl_api' }),
        ...calls(20, { provider: 'verity_api', success: false }),
        ...calls(20, { provider: 'verity_api' }),
        ...calls(30, { kind: 'dependency', name: 'aloware_api' }),
        ...calls(6, { kind: 'dependency', name: 'aloware_api', success: false }),
        ...calls(20, { provider: 'shop', success: false, fault: 'ours' }),
      ],
      { providers: ['ghl_api', 'aloware_api'], checks: [] },
    );
    expect(report.dependencies).toMatchObject({
      ghl_api: 'ok',
      verity_api: 'unhealthy',
      aloware_api: 'degraded',
      shop: 'ok',
    });
    expect(report).toMatchObject({ healthy_domains: 2, total_domains: 4 });
    expect(report.health_checks).toContainEqual({
      component: 'verity_api',
      domain: 'verity_api',
      status: 'unhealthy',
      message: '20 of 40 calls failed because of it in the last 15 minutes',
      response_time_ms: expect.any(Number),
    });
    expect(report.health_checks).toContainEqual(
      expect.objectContaining({ component: 'database', domain: null, status: 'healthy' }),
    );
  });
});

describe('checks and probes', () => {
  const probe = (name: string, given: Partial<Invocation> = {}) => anInvocation({ kind: 'probe', name, ...given });
  const expectCheck = (name: string, critical = false, minutes = 15) => ({ name, type: 'http', critical, minutes });

  test('the latest result of each counts, with its own words and response time', async () => {
    const { report, find } = await readHealth([
      probe('shop', { success: false, started_at: minutesAgo(3) }),
      probe('shop', {
        duration_ms: 245,
        metadata: { status: 'ok', message: 'WooCommerce API responding', domain: 'shop.example' },
      }),
      probe('queue', { metadata: { status: 'degraded', message: '700 messages wait' } }),
      probe('redis', { started_at: minutesAgo(5) }),
      probe('redis', { success: false, error_type: 'ECONNREFUSED' }),
    ]);
    expect(report.status).toBe('degraded');
    expect(find('queue')).toMatchObject({ status: 'degraded', message: '700 messages wait' });
    expect(find('redis')).toMatchObject({ status: 'unhealthy', type: 'probe', message: 'fails (ECONNREFUSED)' });
    expect(Date.now() - Date.parse(find('redis')?.since ?? '')).toBeGreaterThan(250_000);
    expect(report.health_checks).toContainEqual({
      component: 'shop',
      domain: 'shop.example',
      status: 'healthy',
      message: 'WooCommerce API responding',
      response_time_ms: 245,
    });
  });

  test('a critical check that fails makes the service unhealthy, any other degraded', async () => {
    const failing = () => probe('shop', { success: false });
    const critical = await readHealth([failing()], { providers: [], checks: [expectCheck('shop', true)] });
    expect([critical.httpStatus, critical.report.status]).toEqual([503, 'unhealthy']);
    const other = await readHealth([failing()], { providers: [], checks: [expectCheck('shop')] });
    expect([other.httpStatus, other.report.status]).toEqual([200, 'degraded']);
  });

  test('without a recent result a check is unknown, never ok', async () => {
    const { report, find, httpStatus } = await readHealth(
      [probe('old', { started_at: minutesAgo(40) }), probe('new')],
      {
        providers: [],
        checks: [expectCheck('old', true), expectCheck('never'), expectCheck('new', false, 5)],
      },
    );
    expect(find('old')).toMatchObject({ status: 'unknown', critical: true });
    expect(find('old')?.message).toMatch(/^no result since 2/);
    expect(find('never')).toMatchObject({ status: 'unknown', message: 'no result in the last 24 hours' });
    expect(find('new')?.status).toBe('ok');
    expect([httpStatus, report.status, report.overall_status]).toEqual([200, 'unknown', 'unknown']);
  });

  test('a line that reports a failure is unhealthy whatever its metadata says, and odd metadata is ignored', async () => {
    const { find } = await readHealth([
      probe('liar', { success: false, metadata: { status: 'ok' } }),
      probe('odd', { metadata: { status: 7, message: ['x'] } }),
    ]);
    expect(find('liar')?.status).toBe('unhealthy');
    expect(find('odd')).toMatchObject({ status: 'ok', message: 'succeeds' });
  });

  test("a tenant's probe is not shown", async () => {
    const { report } = await readHealth([probe('secret_of_acme', { tenant_id: 'acme', success: false })]);
    expect(JSON.stringify(report)).not.toContain('secret_of_acme');
    expect(report.status).toBe('ok');
  });
});

test('without its store the service is unhealthy, and of everything else nothing is known', async () => {
  const { report, httpStatus } = await readHealth(
    [],
    { providers: ['shop'], checks: [{ name: 'queue', type: 'queue', critical: true, minutes: 15 }] },
    openDatabase({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 1_000 }),
  );
  expect(httpStatus).toBe(503);
  expect(report.dependencies).toEqual({
    database: 'unhealthy',
    summaries: 'unknown',
    tools: 'unknown',
    queue: 'unknown',
    shop: 'unknown',
  });
});
