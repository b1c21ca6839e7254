import { createHmac, randomUUID } from 'node:crypto';
import type { CallToolResult } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SESSION_HANDLE_HEADER, SESSION_HANDLE_KEY } from '../../../lambdas/contract/client-context.ts';
import { DAY_MS } from '../../../lambdas/contract/durations.ts';
import { createGatewayFrom } from '../../../lambdas/gateway/index.ts';
import { createSignedSessions } from '../../../lambdas/gateway/session-handle.ts';
import { catalogueOf } from '../../../lib/tools/catalogue.ts';
import { aRequest } from '../../support/a-request.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { exampleTools } from '../../support/example-tools.ts';
import { serveFunctionUrl } from '../../support/function-url.ts';
import { FUNCTION_ENV, gatewayRig } from '../../support/gateway-rig.ts';
import { connect, textOf } from '../../support/mcp-client.ts';

const KEY = 'a key of thirty-two characters!!';
/** Three gateways without anything in common take turns, as processes do. */
const rig = gatewayRig({ SESSION_HANDLES: 'on', TOOLWATCH_USER_HASH_KEY: KEY, REQUEST_LINES: 'all' });
const lines = captureLines();
let server: Awaited<ReturnType<typeof serveFunctionUrl>>;
beforeAll(async () => {
  const gateways = [rig.create(), rig.create(), rig.create()];
  let next = 0;
  server = await serveFunctionUrl((event, context) => {
    const gateway = gateways[next] as (typeof gateways)[number];
    next = (next + 1) % gateways.length;
    return gateway(event, context);
  });
});
afterAll(async () => server.close());

const mcpUrl = () => `${server.url}/mcp`;
const HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const toolCall = (args: object, meta?: object) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'order_status', arguments: args, ...(meta && { _meta: meta }) },
  });
const ORDER = { order_id: 'A-1042' };
const post = (body: string, headers: Record<string, string> = {}) =>
  fetch(mcpUrl(), { method: 'POST', headers: { ...HEADERS, ...headers }, body });
const handleOf = (response: Response) => response.headers.get(SESSION_HANDLE_HEADER) ?? '';
const toolLines = () => lines.records().filter(({ kind }) => kind === 'tool');

describe('a client of a protocol without sessions that sends its handle back', () => {
  test('has three calls, answered by three processes, in one session, of which one fails', async () => {
    const client = await connect(mcpUrl(), '2026-07-28');
    lines.clear();
    let handle: unknown;
    const call = async (order_id: string) => {
      const _meta = handle === undefined ? {} : { [SESSION_HANDLE_KEY]: handle };
      const result = (await client.callTool({
        name: 'order_status',
        arguments: { order_id },
        _meta,
      })) as CallToolResult;
      handle = result._meta?.[SESSION_HANDLE_KEY];
      return result;
    };
    const results = [await call('A-1042'), await call('A-99999'), await call('A-1042')];
    expect(results.map(({ isError }) => isError ?? false)).toEqual([false, true, false]);
    expect(new Set(results.map(({ _meta }) => _meta?.[SESSION_HANDLE_KEY])).size).toBe(1);
    expect(toolLines()).toMatchObject([{ success: true }, { success: false }, { success: true }]);
    expect(new Set(toolLines().map(({ session_id }) => session_id)).size).toBe(1);
    expect(toolLines().every(({ measures }) => measures === undefined)).toBe(true);
    await client.close();
  });

  test('finds the handle in the header of every answer, also of errors, and may send it back there', async () => {
    const handle = handleOf(await post(toolCall(ORDER)));
    const sent = { [SESSION_HANDLE_HEADER]: handle };
    const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    const answers = [
      await post(toolCall(ORDER), sent),
      await post(list, sent),
      await post('{"jsonrpc":', sent),
      await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/destroy' }), sent),
      await post(toolCall(ORDER).replace('order_status', 'no_such_tool'), sent),
      await post(`{"id":1,"params":${'['.repeat(500)}`, sent),
    ];
    expect(answers.map(handleOf)).toEqual(answers.map(() => handle));
    expect(new Set(lines.records().map(({ session_id }) => session_id)).size).toBe(1);
    expect(lines.records()).toHaveLength(7);
  });

  test('keeps the one it has when a request is refused before its message is read', async () => {
    const tooDeep = await post(`{"params":{"_meta":{"${SESSION_HANDLE_KEY}":"x"},"a":${'['.repeat(500)}`);
    expect(tooDeep.status).toBe(400);
    expect(handleOf(tooDeep)).toBe('');
  });

  test('never shows it to a model or a tool: not in text, structure, schema or arguments', async () => {
    const client = await connect(mcpUrl(), '2026-07-28');
    expect(JSON.stringify(await client.listTools())).not.toMatch(/toolwatch\/session|eyJ/);
    const first = (await client.callTool({ name: 'order_status', arguments: ORDER })) as CallToolResult;
    const handle = first._meta?.[SESSION_HANDLE_KEY];
    expect(handle).toMatch(/^eyJ/);
    const repeated = (await client.callTool({
      name: 'order_status',
      arguments: { ...ORDER, [SESSION_HANDLE_KEY]: handle },
      _meta: { [SESSION_HANDLE_KEY]: handle },
    })) as CallToolResult;
    expect(repeated.isError ?? false).toBe(false);
    expect(rig.invoked().at(-1)?.event).toEqual(ORDER);
    for (const result of [first, repeated]) {
      expect(textOf(result) + JSON.stringify(result.structuredContent)).not.toContain('eyJ');
    }
    await client.close();
  });
});

test('a handle in any other header is not written either', async () => {
  const handle = handleOf(await post(toolCall(ORDER)));
  lines.clear();
  for (const name of ['user-agent', 'x-request-id', 'x-correlation-id', 'traceparent', 'x-toolwatch-debug']) {
    await post(toolCall(ORDER), { [name]: handle });
    await post('{', { [name]: handle });
  }
  expect(lines.records()).toHaveLength(10);
  expect(lines.raw().join()).not.toMatch(/eyJ/);
  expect(lines.raw().join()).not.toContain(handle.slice(-40));
});

test('an older client’s session id is a handle of ours, which it sends back by itself', async () => {
  const client = await connect(mcpUrl(), '2025-11-25');
  lines.clear();
  await client.callTool({ name: 'order_status', arguments: ORDER });
  await client.callTool({ name: 'order_status', arguments: { order_id: 'A-99999' } });
  const { session_id } = toolLines()[0] ?? {};
  expect(session_id).toMatch(/^[\da-f-]{36}$/);
  expect(toolLines()).toMatchObject(Array(2).fill({ session_id, client_name: 'test-client', client_version: '1.2.3' }));
  await client.close();
});

test('with a key for user ids, the user of a token that nothing verified is a hash', async () => {
  const gateway = rig.create({ UNVERIFIED_TOKENS: 'on' });
  const payload = Buffer.from(JSON.stringify({ sub: 'ann' })).toString('base64url');
  const headers = { ...HEADERS, authorization: `Bearer a.${payload}.c` };
  const event = { ...aRequest({ method: 'POST', path: '/mcp', headers }), body: toolCall(ORDER) };
  await gateway(event, { awsRequestId: 'r', getRemainingTimeInMillis: () => 28_000 });
  expect(lines.records()).toMatchObject([
    { user_id: expect.stringMatching(/^h1:[\da-f]{32}$/), metadata: { unverified: ['user_id'] } },
  ]);
});

test('without the setting no answer has a handle, and one that is sent means nothing', async () => {
  const plain = createGatewayFrom(
    { ...FUNCTION_ENV, TOOL_FUNCTION_PREFIX: 'toolwatch-tool-' },
    catalogueOf(exampleTools),
  );
  const headers = { ...HEADERS, [SESSION_HANDLE_HEADER]: handleOf(await post(toolCall(ORDER))) };
  lines.clear();
  const event = { ...aRequest({ method: 'POST', path: '/mcp', headers }), body: toolCall(ORDER) };
  const answer = await plain(event, { awsRequestId: 'r', getRemainingTimeInMillis: () => 28_000 });
  expect(answer.statusCode).toBe(200);
  expect(answer.headers).not.toHaveProperty(SESSION_HANDLE_HEADER);
  expect(answer.body).not.toContain(SESSION_HANDLE_KEY);
  expect(lines.records()[0]).not.toHaveProperty('session_id');
  expect(lines.records()[0]).not.toHaveProperty('measures');
});

describe('a handle that is not ours, or no longer', () => {
  const caller = { tenant_id: 'acme', user_id: 'ann' };
  const issue = (key: string, now = Date.now(), identity = {}) =>
    createSignedSessions(key, () => now).find(new Headers(), undefined, identity, true).handle ?? '';
  const valid = issue(KEY);
  const [header = '', body = '', signature = ''] = valid.split('.');
  const selfSigned = (algorithm: string) => {
    const head = Buffer.from(JSON.stringify({ alg: algorithm, typ: 'toolwatch-session' })).toString('base64url');
    const payload = Buffer.from(JSON.stringify({ session_id: randomUUID(), exp: 9_999_999_999 })).toString('base64url');
    const made = algorithm === 'none' ? '' : createHmac('sha256', KEY).update(`${head}.${payload}`).digest('base64url');
    return `${head}.${payload}.${made}`;
  };
  const mutated = fc
    .tuple(fc.nat(valid.length - 1), fc.constantFrom(...'ABCDEFGHabcdefgh0123456789-_.'))
    .map(([at, letter]) => valid.slice(0, at) + letter + valid.slice(at + 1))
    .filter((handle) => handle !== valid);
  const forged: fc.Arbitrary<unknown> = fc.oneof(
    mutated,
    fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
    fc.constantFrom<unknown>(
      issue('another key of enough characters'),
      issue(KEY, Date.now() - 8 * DAY_MS),
      issue(KEY, Date.now(), caller),
      selfSigned('none'),
      selfSigned('HS256'),
      `${header}.${body}.`,
      `${header}.${Buffer.from('{}').toString('base64url')}.${signature}`,
      `${valid}.${valid}`,
      valid.repeat(200),
      ` ${valid}`,
      `${valid}=`,
    ),
    fc.jsonValue().filter((value) => value !== null && typeof value !== 'string'),
  );
  const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 28_000 };

  test('is replaced by a fresh one and counted, and the call is answered and recorded as ever', async () => {
    const gateway = rig.create();
    await fc.assert(
      fc.asyncProperty(forged, fc.constantFrom('_meta', 'header', 'mcp-session-id'), async (handle, place) => {
        fc.pre(place === '_meta' || (typeof handle === 'string' && /^[\x21-\x7e]+$/.test(handle)));
        lines.clear();
        const name = place === 'header' ? SESSION_HANDLE_HEADER : place;
        const event = aRequest({
          method: 'POST',
          path: '/mcp',
          headers: { ...HEADERS, ...(place !== '_meta' && { [name]: handle as string }) },
        });
        const text = toolCall(ORDER, place === '_meta' ? { [SESSION_HANDLE_KEY]: handle } : undefined);
        const answer = await gateway({ ...event, body: text }, context);
        expect(answer.statusCode).toBe(200);
        const fresh = String(answer.headers?.[SESSION_HANDLE_HEADER]);
        expect(fresh).toMatch(/^eyJ/);
        expect(fresh).not.toBe(handle);
        expect(lines.records()).toMatchObject([
          { name: 'order_status', success: true, measures: { session_handles_refused: 1 } },
        ]);
        const written = lines.raw().join();
        if (typeof handle === 'string' && handle.length > 20) expect(written).not.toContain(handle);
        expect(written).not.toContain(fresh);
        expect(written).not.toContain('eyJ');
      }),
      { numRuns: 300 },
    );
  });

  test('does no harm to a valid one beside it', async () => {
    const first = await post(toolCall(ORDER));
    const session = toolLines().at(-1)?.session_id;
    await post(toolCall(ORDER, { [SESSION_HANDLE_KEY]: 'forged' }), { [SESSION_HANDLE_HEADER]: handleOf(first) });
    expect(toolLines().at(-1)).toMatchObject({ session_id: session, measures: { session_handles_refused: 1 } });
  });

  test('is counted once for a request, on the line of the request where no tool was called', async () => {
    const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    await post(list, { [SESSION_HANDLE_HEADER]: 'forged' });
    expect(lines.records()).toMatchObject([{ kind: 'http', success: true, measures: { session_handles_refused: 1 } }]);
  });

  test('is one that another tenant or user was given', () => {
    const sessions = createSignedSessions(KEY);
    const handle = sessions.find(new Headers(), undefined, caller, true).handle;
    expect(sessions.find(new Headers(), handle, caller, false)).toMatchObject({ isRefused: false });
    for (const other of [{}, { tenant_id: 'acme' }, { user_id: 'ann' }, { tenant_id: 'globex', user_id: 'ann' }]) {
      expect(sessions.find(new Headers(), handle, other, false)).toMatchObject({ session: undefined, isRefused: true });
    }
  });

  test('whatever a client calls itself, its own handle is accepted back', () => {
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(text, text, (name, version) => {
        const sessions = createSignedSessions(KEY);
        const { sessionId, session } = sessions.name(
          sessions.find(new Headers(), undefined, {}, true),
          { name, version },
          {},
        );
        const found = sessions.find(new Headers({ 'mcp-session-id': sessionId }), undefined, {}, false);
        expect(found).toMatchObject({ isRefused: false, session: { session_id: session?.session_id } });
      }),
    );
  });
});
