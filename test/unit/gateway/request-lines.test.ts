import { describe, expect, test } from 'vitest';
import type { HttpExchange } from '../../../lambdas/observe/event/http-exchange.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { aRequest } from '../../support/a-request.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { gatewayRig } from '../../support/gateway-rig.ts';
import { GENERATIONS } from '../../support/mcp-client.ts';

/** The gateway as it is deployed by default. */
const rig = gatewayRig({ REQUEST_LINES: 'all' });
const lines = captureLines();

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const message = (method: string) => JSON.stringify({ jsonrpc: '2.0', id: 1, method });
const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(rig.url(), { method: 'POST', headers: { ...HEADERS, ...headers }, body });
const requestLines = () => lines.records().filter(({ kind }) => kind === 'http');
const exchanges = () => requestLines().map(({ metadata }) => metadata?.http as HttpExchange | undefined);

describe.each(GENERATIONS)('a client of %s', (generation) => {
  test('leaves one line for each request, and for a call only the tool’s', async () => {
    const client = await rig.client(generation);
    await client.listTools();
    const before = requestLines();
    expect(before.length).toBeGreaterThan(0);
    expect(before).toMatchObject(
      before.map(() => ({ name: 'mcp', success: true, user_agent: 'node', metadata: { http: { route: '/mcp' } } })),
    );
    lines.clear();
    await client.callTool({ name: 'order_status', arguments: { order_id: 'A-1042' } });
    await client.callTool({ name: 'order_status', arguments: { order_id: 'A-99999' } });
    expect(lines.records().map(({ kind, name }) => `${kind} ${name}`)).toEqual(Array(2).fill('tool order_status'));
    await client.close();
  });
});

describe('the line of a request', () => {
  test('that succeeds says what it was, how long it took and what its client read, and is no metric', async () => {
    const response = await post(message('tools/list'), { 'x-request-id': 'my-request-0001' });
    const body = await response.text();
    expect(lines.records()).toMatchObject([
      {
        kind: 'http',
        name: 'mcp',
        success: true,
        correlation_id: 'my-request-0001',
        request_bytes: message('tools/list').length,
        response_bytes: Buffer.byteLength(body),
        metadata: { http: { method: 'POST', route: '/mcp', status: 200 } },
      },
    ]);
    const [line = ''] = lines.raw();
    expect(JSON.parse(line)._aws.CloudWatchMetrics).toEqual([]);
    expect(checkLine(line)).toEqual([]);
    // An ordinary one of a tool has about as many bytes without its metrics.
    expect(line.length).toBeLessThan(900);
  });

  test.each<[string, () => Promise<Response>, number, string]>([
    ['a body that is not JSON', () => post('{"jsonrpc":'), 400, 'INVALID_INPUT'],
    ['another path', () => fetch(`${rig.url()}/../admin/ann@example.com?token=x`), 404, 'INVALID_INPUT'],
    ['another method', () => fetch(rig.url(), { method: 'PUT', body: '{}' }), 405, 'INVALID_INPUT'],
    ['a foreign page', () => post('{}', { origin: 'https://evil.example' }), 403, 'UNAUTHORIZED'],
    ['another media type', () => post('a=b', { 'content-type': 'text/plain' }), 415, 'INVALID_INPUT'],
    ['an unknown method of MCP', () => post(message('tools/destroy')), 200, 'INVALID_INPUT'],
  ])(
    'that is refused for %s has the status that its client read, and the caller’s fault',
    async (_, send, status, code) => {
      expect((await send()).status).toBe(status);
      expect(lines.records()).toMatchObject([
        { kind: 'http', success: false, error_code: code, fault: 'caller', metadata: { http: { status } } },
      ]);
      expect(lines.raw().join()).not.toMatch(/admin|ann@|token=/);
    },
  );

  test('has the pattern of its route, and one for all paths that are not ours', async () => {
    for (const path of ['/', '/mcp', '/a/1', '/b/2']) await rig.handle(aRequest({ method: 'GET', path }));
    expect(exchanges().map((exchange) => exchange?.route)).toEqual(['/', '/mcp', '/{any}', '/{any}']);
  });

  test('has the client’s address only where the setting allows it', async () => {
    const request = aRequest({ method: 'POST', path: '/mcp', headers: HEADERS });
    await rig.handle({ ...request, body: message('tools/list') });
    const allowed = rig.create({ RECORD_IP: 'on' });
    await allowed(
      { ...request, body: message('tools/list') },
      { awsRequestId: 'r', getRemainingTimeInMillis: () => 28_000 },
    );
    expect(exchanges().map((exchange) => exchange?.ip)).toEqual([undefined, '127.0.0.1']);
  });

  test('is one of a success where older clients request what the protocol answers 405', async () => {
    await fetch(rig.url(), { headers: { accept: 'text/event-stream' } });
    expect(lines.records()).toMatchObject([
      { kind: 'http', success: true, metadata: { http: { method: 'GET', status: 405 } } },
    ]);
  });
});

describe('which requests have a line', () => {
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'order_status', arguments: {} } };
  const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 28_000 };
  /** The gateway asks for it before each call. */
  const brokenContext = {
    awsRequestId: 'r',
    getRemainingTimeInMillis: () => {
      throw new Error('broken');
    },
  };
  const request = aRequest({ method: 'POST', path: '/mcp', headers: HEADERS });

  test.each([
    ['all', ['success', 'caller', 'ours']],
    ['refusals', ['caller', 'ours']],
    ['failures', ['ours']],
  ])('is what the setting says, and every failure of ours has one: %s', async (setting, expected) => {
    const gateway = rig.create({ REQUEST_LINES: setting });
    await gateway({ ...request, body: message('tools/list') }, context);
    await gateway({ ...request, body: '{' }, context);
    await gateway({ ...request, body: JSON.stringify(call) }, brokenContext);
    expect(lines.records().map(({ success, fault }) => (success ? 'success' : fault))).toEqual(expected);
    expect(lines.raw().join()).not.toContain('broken');
  });
});

test('every answer says how long it took and by which id to ask for it', async () => {
  const answers = [
    await post(message('tools/list')),
    await post('{'),
    await fetch(rig.url(), { method: 'PUT', body: '{}' }),
    await fetch(`${rig.url()}/nothing`),
  ];
  for (const { headers } of answers) {
    expect(headers.get('server-timing')).toMatch(/^total;dur=\d+\.\d$/);
    expect(headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  }
  expect(new Set(lines.records().map(({ correlation_id }) => correlation_id))).toEqual(
    new Set(answers.map(({ headers }) => headers.get('x-request-id'))),
  );
});
