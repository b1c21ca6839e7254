import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callsReport } from '../../lambdas/contract/api/calls.ts';
import {
  countsReport,
  failuresReport,
  healthReport,
  toolsReport,
  trendReport,
  trendsReport,
} from '../../lambdas/contract/reports.ts';
import { openDatabase } from '../../lambdas/database/database.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { aRequest } from '../support/a-request.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { createCheckedRouter, NO_EDITOR, PAGE, serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';
import { parseExposition, valueIn } from '../support/exposition.ts';

describe('the API over a store with calls', async () => {
  const database = await testDatabase();
  const api = await serveApi(database.as('reader'));
  afterAll(api.close);

  beforeAll(async () => {
    await store(database.as('writer'), [
      ...Array.from({ length: 30 }, () => anInvocation({ name: 'order_status', duration_ms: 100 })),
      ...Array.from({ length: 12 }, (_, at) =>
        anInvocation({
          name: 'order_status',
          success: false,
          duration_ms: 5_000,
          error_message: `the shop answered 503 "${at}"`,
        }),
      ),
      ...Array.from({ length: 25 }, () => anInvocation({ name: 'place_order', duration_ms: 40 })),
      anInvocation({ name: 'place_order', error_code: 'INVALID_INPUT', fault: 'caller' }),
      anInvocation({ kind: 'http', name: 'mcp "door"\\', duration_ms: 3 }),
    ]);
    await refresh(database.as('refresher'));
  });

  test('tools are listed worst first, with the reason and the age of the figures', async () => {
    const report = toolsReport.parse(await (await api.get('/v1/tools')).json());
    expect(report.age_seconds).toBeLessThan(60);
    expect(report.tools[0]).toMatchObject({
      tool_name: 'order_status',
      verdict: 'critical',
      health_status: 'critical',
      total_invocations: 42,
      error_count: 12,
      most_common_error: 'UPSTREAM_ERROR',
      most_common_fault: 'dependency',
    });
    expect(report.tools.find(({ tool_name }) => tool_name === 'place_order')).toMatchObject({
      verdict: 'healthy',
      caller_error_count: 1,
    });
  });

  test('a single tool is returned by name, and an unknown one is not found', async () => {
    const { tool } = await (await api.get('/v1/tools/place_order')).json();
    expect(tool).toMatchObject({ tool_name: 'place_order', total_invocations: 26 });
    const unknown = await api.get('/v1/tools/no_such_tool');
    expect(unknown.status).toBe(404);
    expect((await unknown.json()).detail).toContain('no_such_tool');
  });

  test('failures are listed newest first, filtered by tool, fault, time and number', async () => {
    const failuresOf = async (query: string) =>
      failuresReport.parse(await (await api.get(`/v1/failures${query}`)).json()).failures;
    expect(await failuresOf('')).toHaveLength(13);
    expect(await failuresOf('?limit=5')).toHaveLength(5);
    expect(await failuresOf('?fault=caller')).toMatchObject([
      { tool_name: 'place_order', error_code: 'INVALID_INPUT' },
    ]);
    expect(await failuresOf('?tool=order_status')).toHaveLength(12);
    expect((await failuresOf('?tool=order_status&limit=1'))[0]).toMatchObject({
      fault: 'dependency',
      correlation_id: 'c-1',
    });
  });

  test('the calls with a correlation id are listed', async () => {
    const { calls } = callsReport.parse(await (await api.get('/v1/calls?correlation_id=c-1&limit=100')).json());
    expect(calls).toHaveLength(69);
    expect(callsReport.parse(await (await api.get('/v1/calls?correlation_id=c-2')).json()).calls).toEqual([]);
  });

  test('stored calls are counted by tool and quarter of an hour', async () => {
    const from = new Date(Math.floor(Date.now() / 900_000) * 900_000 - 900_000).toISOString();
    const { counts } = countsReport.parse(await (await api.get(`/v1/counts?from=${from}`)).json());
    const countsOf = (tool: string) => counts.filter(({ name }) => name === tool).map(({ calls }) => calls);
    expect([countsOf('order_status'), countsOf('place_order')]).toEqual([[42], [26]]);
    expect(counts.every(({ quarter }) => Date.parse(quarter) % 900_000 === 0)).toBe(true);
    const rejected = await (await api.get('/v1/counts?from=yesterday')).json();
    expect(rejected.detail).toBe('Parameter from: write a time such as 2026-11-20T12:00:00Z.');
  });

  test('a trend counts calls and failures', async () => {
    const { points } = trendReport.parse(await (await api.get('/v1/tools/order_status/trend')).json());
    expect(points.reduce((sum, { calls }) => sum + calls, 0)).toBe(42);
    expect(points.reduce((sum, { failures }) => sum + failures, 0)).toBe(12);
    for (const { p95_ms, p95_all_ms } of points) {
      expect(Math.abs((p95_all_ms ?? 0) / 5_000 - 1)).toBeLessThan(0.01);
      expect(Math.abs((p95_ms ?? 0) / 100 - 1)).toBeLessThan(0.01);
    }
  });

  test('the last hours of every tool come in one reply, and the tools with their most recent calls', async () => {
    const { trends } = trendsReport.parse(await (await api.get('/v1/trends')).json());
    expect(trends.map(({ tool_name }) => tool_name)).toEqual(['order_status', 'place_order']);
    expect(trends[0]?.points[0]).toMatchObject({ calls: 42, failures: 12, caller_errors: 0 });
    const { tools } = toolsReport.parse(await (await api.get('/v1/tools')).json());
    expect(tools[0]).toMatchObject({ recent_calls: 42, recent_failures: 12 });
  });

  test('a tenant sees its own calls, and a header that does not name a tenant is rejected', async () => {
    const other = await api.get('/v1/failures', { headers: { 'x-tenant-id': 'acme' } });
    expect((await other.json()).failures).toEqual([]);
    const own = await api.get('/v1/failures', { headers: { 'x-tenant-id': 'default' } });
    expect((await own.json()).failures).toHaveLength(13);
    expect((await api.get('/v1/failures', { headers: { 'x-tenant-id': '*' } })).status).toBe(400);
  });

  test('a tenant may not read figures over all tenants', async () => {
    expect((await api.get('/metrics', { headers: { 'x-tenant-id': 'default' } })).status).toBe(403);
  });

  test('a deployment without tenants rejects the header instead of ignoring it', async () => {
    const withoutTenants = await serveApi(database.as('reader'), [], { TOOLWATCH_TENANTS: 'off' });
    try {
      const rejected = await withoutTenants.get('/v1/failures', { headers: { 'x-tenant-id': 'default' } });
      expect(rejected.status).toBe(400);
      expect((await rejected.json()).detail).toBe(
        'Header x-tenant-id: this deployment has no tenants. Leave the header out.',
      );
      expect((await (await withoutTenants.get('/v1/failures')).json()).failures).toHaveLength(13);
    } finally {
      await withoutTenants.close();
    }
  });

  test("with tokens, the tenant is the token's claim, and the operator is who has the operator's scope", async () => {
    const tokenApi = createCheckedRouter({
      database: database.as('reader'),
      editor: NO_EDITOR,
      service: 'toolwatch',
      version: '1',
      frontDoor: {
        TOOLWATCH_TENANTS: 'on',
        JWT_ISSUER: 'https://issuer.example.com',
        JWT_TENANT_CLAIM: 'tenant',
        JWT_OPERATOR_SCOPE: 'operate',
      },
      page: PAGE,
      onError: () => {},
    });
    const ask = async (path: string, claims?: Record<string, string>, headers: Record<string, string> = {}) => {
      const scopes = claims?.scope?.split(' ') ?? [];
      const request = aRequest({ path, headers, ...(claims && { claims, scopes }) });
      const { statusCode, body = '' } = await tokenApi.resolve(request, {} as Context);
      return { statusCode, failures: statusCode === 200 && path !== '/metrics' && JSON.parse(body).failures.length };
    };
    expect(await ask('/v1/failures', { tenant: 'default' })).toMatchObject({ statusCode: 403 });
    expect(await ask('/v1/failures', { tenant: 'acme' })).toMatchObject({ failures: 0 });
    expect(await ask('/v1/failures', { tenant: 'acme' }, { 'x-tenant-id': 'default' })).toMatchObject({
      statusCode: 403,
    });
    expect(await ask('/v1/failures', {})).toMatchObject({ statusCode: 403 });
    expect(await ask('/v1/failures')).toMatchObject({ statusCode: 401 });
    expect(await ask('/v1/failures', { scope: 'operate' })).toMatchObject({ failures: 13 });
    expect(await ask('/v1/failures', { tenant: 'acme', scope: 'x,operate' })).toMatchObject({ failures: 0 });
    expect(await ask('/metrics', { tenant: 'acme' })).toMatchObject({ statusCode: 403 });
    expect(await ask('/metrics', { scope: 'operate' })).toMatchObject({ statusCode: 200 });
  });

  test('the metrics match the calls, in both formats', async () => {
    const response = await api.get('/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(response.headers.get('vary')).toBe('accept');
    const families = parseExposition(await response.text(), 'text');
    const expected = {
      'tool_executions_total{status="success",tool="order_status"}': 30,
      'tool_executions_total{status="error",tool="order_status"}': 12,
      'tool_execution_duration_seconds_count{tool="order_status"}': 42,
      'tool_execution_duration_seconds_sum{tool="order_status"}': 63,
      'errors_total{fault="caller",source="tool/place_order",type="INVALID_INPUT"}': 1,
      'http_requests_total{path="mcp \\"door\\"\\\\",status="200"}': 1,
      'health_check_status{component="database"}': 1,
    };
    for (const [series, value] of Object.entries(expected)) expect(valueIn(families, series), series).toBe(value);
    const durations = 'tool_execution_duration_seconds_bucket';
    expect(valueIn(families, `${durations}{le="0.1",tool="order_status"}`)).toBe(30);
    expect(valueIn(families, `${durations}{le="5",tool="order_status"}`)).toBe(42);
    expect(valueIn(families, 'database_connections_active')).toBeGreaterThan(0);

    const accept = 'application/openmetrics-text; version=1.0.0';
    const open = await api.get('/metrics', { headers: { accept } });
    expect(open.headers.get('content-type')).toBe(`${accept}; charset=utf-8`);
    const openFamilies = parseExposition(await open.text(), 'openmetrics');
    expect(valueIn(openFamilies, `${durations}{le="5.0",tool="order_status"}`)).toBe(42);
  });

  test('health reports the dependencies, and that a tool is critical', async () => {
    const response = await api.get('/health');
    expect(response.status).toBe(200);
    expect(healthReport.parse(await response.json())).toMatchObject({
      status: 'degraded',
      service: 'toolwatch',
      dependencies: { database: 'ok', summaries: 'ok', tools: 'degraded' },
    });
    expect((await api.get('/health/ready')).status).toBe(200);
  });

  test('an invalid or unknown parameter is named with the values it may have', async () => {
    const messageFor = async (path: string) => {
      const response = await api.get(path);
      expect(response.status).toBe(400);
      return (await response.json()).detail;
    };
    expect(await messageFor('/v1/failures?limit=1000')).toBe('Parameter limit: write a whole number from 1 to 100.');
    expect(await messageFor('/v1/failures?limit=x')).toBe('Parameter limit: write a whole number from 1 to 100.');
    expect(await messageFor('/v1/failures?fault=mine')).toBe(
      'Parameter fault: write one of caller, dependency, ours, platform.',
    );
    expect(await messageFor('/v1/tools?days=3')).toBe('Unknown parameter days: this path takes format.');
    expect(await messageFor('/v1/trends?days=3')).toBe('Unknown parameter days: this path takes no parameters.');
  });

  test('an unknown path is not found, by whatever method', async () => {
    const missing = await api.get('/v2');
    expect(missing.status).toBe(404);
    expect((await missing.json()).detail).toContain('/reference lists');
    expect((await api.get('/v2', { method: 'POST', body: '{}' })).status).toBe(404);
  });

  test.each(['/', '/health/live', '/health', '/v1/tools', '/v1/tools/place_order', '/v1/tools/no_such_tool', '/v2'])(
    'HEAD %s is answered as GET is, without the body',
    async (path) => {
      const [get, head] = [await api.get(path), await api.get(path, { method: 'HEAD' })];
      expect(head.status).toBe(get.status);
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'));
      expect(await head.text()).toBe('');
    },
  );

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s is refused with the methods there are',
    async (method) => {
      const refused = await api.get('/v1/tools/place_order', { method });
      expect(refused.status).toBe(405);
      expect(refused.headers.get('allow')).toBe('GET, HEAD');
      expect((await refused.json()).detail).toBe('This path takes GET, HEAD.');
    },
  );

  test('the page may run only its own script', async () => {
    const response = await api.get('/');
    expect(await response.text()).toBe(PAGE);
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'sha256-[\w+/=]+'/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('the message of a failure', async () => {
  const database = await testDatabase();
  const api = await serveApi(database.as('reader'));
  afterAll(api.close);
  const faults = ['caller', 'dependency', 'ours', 'platform'] as const;

  test('is shown to its tenant where the caller or an outside service is at fault, and to the operator always', async () => {
    await store(
      database.as('writer'),
      faults.map((fault) => anInvocation({ tenant_id: 'acme', success: false, fault, error_message: `by ${fault}` })),
    );
    const messagesFor = async (headers: Record<string, string>) => {
      const { failures } = failuresReport.parse(await (await api.get('/v1/failures', { headers })).json());
      return Object.fromEntries(failures.map(({ fault, error_message }) => [fault, error_message]));
    };
    const all = { caller: 'by caller', dependency: 'by dependency', ours: 'by ours', platform: 'by platform' };
    expect(await messagesFor({ 'x-tenant-id': 'acme' })).toEqual({ ...all, ours: null, platform: null });
    expect(await messagesFor({})).toEqual(all);
  });
});

describe('the API without its store', async () => {
  const errors: Error[] = [];
  const api = await serveApi(openDatabase({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 1_000 }), errors);
  afterAll(api.close);

  test('it is live, is not ready, and names the dependency that is down', async () => {
    expect((await api.get('/health/live')).status).toBe(200);
    expect((await api.get('/health/ready')).status).toBe(503);
    const health = await api.get('/health');
    expect(health.status).toBe(503);
    expect(await health.json()).toMatchObject({ status: 'unhealthy', dependencies: { database: 'unhealthy' } });
  });

  test('Prometheus still learns that the database is down, and nothing that is not known', async () => {
    const response = await api.get('/metrics');
    expect(response.status).toBe(200);
    const families = parseExposition(await response.text(), 'text');
    expect([...families.keys()]).toEqual(['health_check_status', 'toolwatch_series_left_out']);
    expect(valueIn(families, 'health_check_status{component="database"}')).toBe(0);
  });

  test('a request gets a plain error, and the cause goes to the log', async () => {
    const response = await api.get('/v1/tools');
    expect(response.status).toBe(503);
    expect((await response.json()).detail).toContain('Try again');
    expect(errors.length).toBeGreaterThan(0);
  });
});
