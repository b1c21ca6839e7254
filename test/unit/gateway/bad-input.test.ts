import { describe, expect, test } from 'vitest';
import { BODY_LIMIT, nestsTooDeep } from '../../../lambdas/gateway/reject-early.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { gatewayRig } from '../../support/gateway-rig.ts';

const rig = gatewayRig();
const lines = captureLines();

const MODERN = '2026-07-28';
const OLDER = '2025-11-25';

const envelope = (protocolVersion = MODERN) => ({
  'io.modelcontextprotocol/protocolVersion': protocolVersion,
  'io.modelcontextprotocol/clientInfo': { name: 'by-hand', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
});
const message = (method: string, params: object = {}) => ({ jsonrpc: '2.0', id: 7, method, params });

const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(rig.url(), { method: 'POST', headers: { ...HEADERS, ...headers }, body });

/** A request without a handshake, with the headers the protocol wants. */
const modern = (method: string, params: object = {}, headers: Record<string, string> = {}) =>
  post(JSON.stringify(message(method, { ...params, _meta: envelope() })), {
    'mcp-protocol-version': MODERN,
    'mcp-method': method,
    ...headers,
  });

/** The JSON-RPC error of an answer in either framing. */
const errorOf = async (response: Response): Promise<{ code: number; message: string } | undefined> =>
  JSON.parse((await response.text()).replace(/^[\s\S]*?^data: /m, '')).error;

const lineValues = () => lines.raw().map((line) => JSON.parse(line));
const aCallersFault = { kind: 'http', name: 'mcp', success: false, fault: 'caller', error: 0, caller_error: 1 };

describe('a request that is no MCP', () => {
  test.each<[string, () => Promise<Response>, number, number]>([
    ['is not JSON', () => post('{"jsonrpc": "2.0", '), 400, -32_700],
    ['is empty', () => post(''), 400, -32_700],
    ['is JSON but no message', () => post('{"hello": "world"}'), 400, -32_600],
    ['is of another media type', () => post('a=b', { 'content-type': 'text/plain' }), 415, -32_000],
    ['is larger than is taken', () => post(`"${'x'.repeat(BODY_LIMIT)}"`), 413, -32_000],
    [
      'is ten megabytes of arguments',
      () => modern('tools/call', { name: 'csv_profile', arguments: { csv: 'x'.repeat(10_000_000) } }),
      413,
      -32_000,
    ],
    ['nests until the stack overflows', () => post(`{"id":1,"params":${'['.repeat(200_000)}`), 400, -32_600],
    ['comes by PUT', () => fetch(rig.url(), { method: 'PUT', body: '{}', headers: HEADERS }), 405, -32_000],
    ['comes by GET from a browser', () => fetch(rig.url()), 405, -32_000],
    ['asks another path', () => fetch(`${rig.url()}/../admin`), 404, -32_600],
    ['comes from a page of somebody else', () => post('{}', { origin: 'https://evil.example' }), 403, -32_000],
  ])('%s is refused with the code the protocol names, and is the caller’s fault', async (_, send, status, code) => {
    const response = await send();
    expect(response.status).toBe(status);
    expect(await errorOf(response)).toMatchObject({ code });
    expect(lineValues()).toMatchObject([aCallersFault]);
    expect(lines.records()).toHaveLength(1);
  });

  test('names a method there is not: not found, in both generations', async () => {
    const newer = await modern('tools/destroy');
    expect(newer.status).toBe(404);
    expect(await errorOf(newer)).toMatchObject({ code: -32_601 });
    const older = await post(JSON.stringify(message('tools/destroy')), { 'mcp-protocol-version': OLDER });
    expect(await errorOf(older)).toMatchObject({ code: -32_601 });
    expect(lineValues()).toMatchObject([aCallersFault, aCallersFault]);
  });

  test('speaks a version nobody knows: told which ones there are', async () => {
    const newer = await post(JSON.stringify(message('tools/list', { _meta: envelope('2099-01-01') })), {
      'mcp-protocol-version': '2099-01-01',
      'mcp-method': 'tools/list',
    });
    expect(newer.status).toBe(400);
    expect(await errorOf(newer)).toMatchObject({ code: -32_022, data: { supported: [MODERN] } });
    const older = await post(JSON.stringify(message('tools/list')), { 'mcp-protocol-version': '1999-01-01' });
    expect(older.status).toBe(400);
    expect((await errorOf(older))?.message).toContain(OLDER);
    expect(lineValues()).toMatchObject([aCallersFault, aCallersFault]);
  });

  test('says one thing in its headers and another in its body', async () => {
    const response = await modern('tools/list', {}, { 'mcp-method': 'tools/call' });
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ code: -32_020 });
    expect(lineValues()).toMatchObject([aCallersFault]);
  });

  test('asks for a stream without an end and is not left waiting', async () => {
    const response = await modern('subscriptions/listen', { notifications: {} });
    expect(response.status).toBe(404);
    expect(await errorOf(response)).toMatchObject({ code: -32_601 });
  });

  test('calls a tool without naming one', async () => {
    const response = await modern('tools/call', { arguments: {} }, { 'mcp-name': '' });
    expect(await errorOf(response)).toMatchObject({ code: expect.any(Number) });
    expect(lineValues()).toMatchObject([aCallersFault]);
  });
});

test('depth is counted outside of strings', () => {
  const brackets = '[{'.repeat(200);
  expect(nestsTooDeep(JSON.stringify({ text: `"${brackets}\\`, more: ['\\"', brackets] }))).toBe(false);
  expect(nestsTooDeep('[]'.repeat(500))).toBe(false);
  expect(nestsTooDeep(`{"text": "\\"", "more": ${brackets}`)).toBe(true);
});

describe('what older clients ask as a matter of course', () => {
  test('is denied without being anybody’s fault', async () => {
    const stream = await fetch(rig.url(), { headers: { accept: 'text/event-stream' } });
    const end = await fetch(rig.url(), { method: 'DELETE', headers: { 'mcp-session-id': 'x' } });
    expect([stream.status, end.status]).toEqual([405, 405]);
    expect(lines.raw()).toEqual([]);
  });
});

describe('the id a client gives its request', () => {
  const idOf = async (headers: Record<string, string>) =>
    (await modern('tools/list', {}, headers)).headers.get('x-request-id');

  test.each([
    ['x-request-id', { 'x-request-id': 'order-desk/2026-11-20:77' }, 'order-desk/2026-11-20:77'],
    ['x-correlation-id', { 'x-correlation-id': 'abcdef-123456' }, 'abcdef-123456'],
    [
      'traceparent',
      { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' },
      '4bf92f3577b34da6a3ce929d0e0e4736',
    ],
  ])('is taken from %s and echoed', async (_, headers, expected) => {
    expect(await idOf(headers)).toBe(expected);
  });

  test.each([
    ['longer than any id', { 'x-request-id': 'x'.repeat(500) }],
    ['not made for logs', { 'x-request-id': '"}{"level":"ERROR"' }],
    ['a trace of zeros', { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }],
  ])('is replaced by one of ours when it is %s', async (_, headers) => {
    expect(await idOf(headers)).toMatch(/^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  });
});
