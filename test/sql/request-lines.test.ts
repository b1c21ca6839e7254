import type { CallToolResult } from '@modelcontextprotocol/client';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerAndRecord } from '../../lambdas/api/request/request-line.ts';
import { SESSION_HANDLE_KEY } from '../../lambdas/contract/client-context.ts';
import type { FrontDoorEnv } from '../../lambdas/contract/env/front-door.ts';
import type { RequestLines } from '../../lambdas/contract/vocabulary.ts';
import { openDatabase } from '../../lambdas/database/database.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { checkLine } from '../../lambdas/observe/line/check-line.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { aRequest } from '../support/a-request.ts';
import { anEnvelope } from '../support/an-envelope.ts';
import { createCheckedRouter, NO_EDITOR, PAGE } from '../support/api-rig.ts';
import { captureLines } from '../support/captured-lines.ts';
import { testDatabase } from '../support/database.ts';
import { serveFunctionUrl } from '../support/function-url.ts';
import { gatewayRig } from '../support/gateway-rig.ts';
import { connect } from '../support/mcp-client.ts';

const db = await testDatabase();
const rig = gatewayRig({
  REQUEST_LINES: 'all',
  SESSION_HANDLES: 'on',
  TOOLWATCH_USER_HASH_KEY: 'a key of thirty-two characters!!',
});
const lines = captureLines();
const readAsOperator = async (text: string) => (await db.as('operator').run((client) => client.query(text))).rows;

const createApi = (lines: RequestLines = 'all', database = db.as('reader'), recordsIp = false) => {
  const frontDoor: FrontDoorEnv = { TOOLWATCH_TENANTS: 'on' };
  const api = createCheckedRouter({
    database,
    editor: NO_EDITOR,
    service: 'toolwatch',
    version: '1',
    frontDoor,
    page: PAGE,
    onError: () => {},
  });
  return answerAndRecord(api, { frontDoor, lines, recordsIp });
};
const ask = async (given: Parameters<typeof aRequest>[0], api = createApi()) =>
  api(aRequest(given), {} as Context, 'a-request-of-the-api');

describe('a request of the api', () => {
  test.each<[string, Parameters<typeof aRequest>[0], number, object]>([
    ['that succeeds', { path: '/v1/tools' }, 200, { name: 'GET /v1/tools', success: true }],
    ['for the page', { path: '/' }, 200, { name: 'GET /', success: true }],
    [
      'with an id in its path',
      { path: '/v1/tools/ann%40example.com/trend' },
      200,
      { name: 'GET /v1/tools/{name}/trend', success: true },
    ],
    ['of a tenant', { path: '/v1/tools', headers: { 'x-tenant-id': 'acme' } }, 200, { tenant_id: 'acme' }],
    ['for nothing', { path: '/admin/ann@example.com' }, 404, { name: 'GET /{any}', error_code: 'INVALID_INPUT' }],
    ['with a method of its own', { method: 'ANN', path: '/v1/tools' }, 405, { name: '_OTHER /v1/tools' }],
    [
      'for what only the operator may read',
      { path: '/metrics', headers: { 'x-tenant-id': 'acme' } },
      403,
      { error_code: 'UNAUTHORIZED', error_type: 'http_403', fault: 'caller', tenant_id: 'acme' },
    ],
    ['of an invalid tenant', { path: '/v1/tools', headers: { 'x-tenant-id': '*' } }, 400, { tenant_id: 'default' }],
  ])('%s has one line, with what its client read, and is no metric', async (_, given, status, expected) => {
    const result = await ask({ ...given, headers: { 'user-agent': 'prometheus/3', ...given?.headers } });
    expect(result.statusCode).toBe(status);
    expect(result.headers).toMatchObject({
      'x-request-id': 'a-request-of-the-api',
      'x-correlation-id': 'a-request-of-the-api',
      'server-timing': expect.stringMatching(/^total;dur=[\d.]+$/),
    });
    expect(lines.records()).toMatchObject([
      {
        kind: 'http',
        success: status < 400,
        user_agent: 'prometheus/3',
        correlation_id: 'a-request-of-the-api',
        response_bytes: Buffer.byteLength(result.body ?? ''),
        metadata: { http: { status } },
        ...expected,
      },
    ]);
    const [line = ''] = lines.raw();
    expect(checkLine(line)).toEqual([]);
    expect(JSON.parse(line)._aws.CloudWatchMetrics).toEqual([]);
    expect(line).not.toMatch(/ann|127\.0\.0\.1/i);
  });

  test('has the address of its client where that is allowed', async () => {
    await ask({ path: '/' }, createApi('all', db.as('reader'), true));
    expect(lines.records()).toMatchObject([{ metadata: { http: { ip: '127.0.0.1' } } }]);
  });

  test('that the store does not answer is a failure of ours; a health report that says so is an answer', async () => {
    const gone = openDatabase({ connectionString: 'postgres://nobody@127.0.0.1:1/nothing' });
    const statuses = [];
    for (const path of ['/v1/tools', '/health', '/health/ready'])
      statuses.push((await ask({ path }, createApi('all', gone))).statusCode);
    expect(statuses).toEqual([503, 503, 503]);
    expect(lines.records()).toMatchObject([
      { name: 'GET /v1/tools', success: false, fault: 'ours', metadata: { http: { status: 503 } } },
      { name: 'GET /health', success: true, metadata: { http: { status: 503 } } },
      { name: 'GET /health/ready', success: true, metadata: { http: { status: 503 } } },
    ]);
    await gone.close();
  });

  test.each<[RequestLines, number]>([
    ['all', 2],
    ['refusals', 1],
    ['failures', 0],
  ])('has a line where the setting asks for one: %s', async (setting, count) => {
    const api = createApi(setting);
    await ask({ path: '/v1/tools' }, api);
    await ask({ path: '/nothing' }, api);
    expect(lines.records()).toHaveLength(count);
  });
});

describe('what is stored', () => {
  let server: Awaited<ReturnType<typeof serveFunctionUrl>>;
  beforeAll(async () => {
    const gateways = [rig.create(), rig.create(), rig.create()];
    server = await serveFunctionUrl((event, context) => {
      const [gateway] = gateways.splice(0, 1);
      if (!gateway) throw new Error('no gateway is left');
      gateways.push(gateway);
      return gateway(event, context);
    });
  });
  afterAll(async () => server.close());

  test('counts requests that succeed and that are refused, and shows a client’s calls as one journey', async () => {
    const client = await connect(`${server.url}/mcp`, '2026-07-28');
    let handle: unknown;
    const call = async (name: string, args: Record<string, unknown>) => {
      const _meta = handle === undefined ? {} : { [SESSION_HANDLE_KEY]: handle };
      const result = (await client.callTool({ name, arguments: args, _meta })) as CallToolResult;
      handle = result._meta?.[SESSION_HANDLE_KEY];
    };
    await call('order_status', { order_id: 'A-1042' });
    await call('order_status', { order_id: 'A-99999' });
    await call('csv_profile', { csv: 'a,b\n1,2' });
    await client.close();
    await ask({ path: '/v1/tools' });
    await ask({ path: '/nothing' });
    const expected = lines.records().filter(({ kind }) => kind === 'http');

    const stored = await ingest(db.as('writer'), anEnvelope(lines.raw()));
    expect(stored).toMatchObject({ rejected: 0 });
    await refresh(db.as('refresher'));

    const usage = await readAsOperator('select * from analytics.v_api_usage_metrics');
    const sum = (column: string) => usage.reduce((total, row) => total + Number(row[column]), 0);
    expect(sum('total_requests')).toBe(expected.length);
    expect(sum('successful_requests')).toBe(expected.filter(({ success }) => success).length);
    expect(sum('successful_requests')).toBeGreaterThan(1);
    expect(sum('failed_requests')).toBe(1);
    expect(Object.keys(usage[0]?.requests_by_resource)).toEqual(expect.arrayContaining(['mcp', 'GET /v1/tools']));

    const sessions = 'select calls::int as calls, failures::int as failures, journey from analytics.v_sessions';
    expect(await readAsOperator(sessions)).toEqual([
      { calls: 3, failures: 1, journey: ['order_status', 'order_status', 'csv_profile'] },
    ]);

    const { body: metrics } = await ask({ path: '/metrics' });
    expect(metrics).toMatch(/^http_requests_total\{method="POST",path="\/mcp",status="200"\} [1-9]/m);
  });
});
