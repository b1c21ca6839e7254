import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callContext } from '../../../lambdas/contract/call-context.ts';
import { DAY_MS, HOUR_MS } from '../../../lambdas/contract/durations.ts';
import { parseTraceparent, readXrayTraceId, traceContextOf } from '../../../lambdas/observe/call/correlation.ts';
import { readCallContext } from '../../../lambdas/observe/call/read-call-context.ts';
import { currentScope } from '../../../lambdas/observe/call/scope.ts';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { createUuidV7, timeOfUuidV7 } from '../../../lambdas/observe/line/uuid.ts';
import { observe } from '../../../lambdas/observe/observe.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aCall, aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const TRACEPARENT = `00-${TRACE}-b7ad6b7169203331-01`;

let receivedHeaders: IncomingHttpHeaders[] = [];
let response = { status: 200, headers: {} as Record<string, string> };
const upstream = createServer((request, reply) => {
  receivedHeaders.push(request.headers);
  reply.writeHead(response.status, response.headers).end('{}');
});
let url = '';
beforeAll(async () => {
  await new Promise<void>((ready) => upstream.listen(0, '127.0.0.1', ready));
  url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`;
});
afterAll(() => upstream.close());

describe('the trace context of a request', () => {
  test('is read from _meta before the headers, and the correlation id from either header', () => {
    const headers = { 'X-Request-Id': 'req-1', traceparent: TRACEPARENT };
    const other = TRACEPARENT.replace('0af', '1af');
    expect(traceContextOf(headers, { traceparent: other, tracestate: 'a=1' })).toEqual({
      correlation_id: 'req-1',
      traceparent: other,
      tracestate: 'a=1',
    });
    expect(traceContextOf(new Headers({ 'x-correlation-id': 'c', 'x-request-id': 'r' }))).toEqual({
      correlation_id: 'c',
    });
  });

  test.each([
    ['an id with spaces', { 'x-request-id': 'a b' }],
    ['an id that is too long', { 'x-request-id': 'a'.repeat(129) }],
    ['a trace of zeros', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
    ['a trace of a forbidden version', { traceparent: TRACEPARENT.replace('00', 'ff') }],
    ['a state without a trace', { tracestate: 'a=1' }],
  ])('ignores %s', (_, headers) => expect(traceContextOf(headers)).toEqual({}));

  test('has a hash of an id that looks like a secret, so that its calls stay connected', () => {
    const idOf = (id: string) => traceContextOf({ 'x-request-id': id }).correlation_id;
    const secret = `ghp_${'a1'.repeat(12)}`;
    expect(idOf(secret)).toMatch(/^h0:[\da-f]{32}$/);
    expect(idOf(secret)).toBe(idOf(secret));
    expect(idOf('4111111111111111')).not.toBe(idOf(secret));
  });

  test('X-Ray’s trace id is converted to W3C’s format', () => {
    process.env._X_AMZN_TRACE_ID = 'Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1';
    expect(readXrayTraceId()).toBe('67891233abcdef012345678912345678');
    delete process.env._X_AMZN_TRACE_ID;
  });
});

test('a call without a trace context gets one that is made from its own id', async () => {
  await defineTool(toolFacts()).run(() => ({ degrees: 1 }))({ city: 'x' });
  const [record] = lines.records();
  expect(record?.correlation_id).toBe(record?.event_id);
  expect(record?.trace_id).toBe(record?.event_id.replaceAll('-', ''));
  expect(record && new Date(timeOfUuidV7(record.event_id)).toISOString()).toBe(record?.started_at);
});

test('AgentCore’s request id is the correlation id, and its event is only the arguments', async () => {
  const custom = { bedrockAgentCoreToolName: 'target___weather', bedrockAgentCoreAwsRequestId: 'agentcore-1' };
  const context = { clientContext: { custom } as never, awsRequestId: 'lambda-1' };
  expect(await defineTool(toolFacts()).run(() => ({ degrees: 1 }))({ city: 'x' }, context)).toEqual({ degrees: 1 });
  expect(lines.records()).toMatchObject([{ correlation_id: 'agentcore-1' }]);
});

test('every fetch sends the trace context: the same trace, with this call as the parent', async () => {
  const call = aCall({ traceparent: TRACEPARENT, tracestate: 'vendor=1', correlation_id: 'request-7' });
  receivedHeaders = [];
  response = { status: 200, headers: {} };
  await defineTool(toolFacts({ provider: 'meteo' })).run(async (_args, { fetch }) => {
    await fetch(url);
    return { degrees: 1 };
  })({ city: 'x' }, aContext(call));
  expect(receivedHeaders).toMatchObject([{ tracestate: 'vendor=1', 'x-correlation-id': 'request-7' }]);
  expect(parseTraceparent(receivedHeaders[0]?.traceparent)?.trace_id).toBe(TRACE);
  expect(receivedHeaders[0]?.traceparent).not.toBe(TRACEPARENT);
  expect(lines.records()[0]?.metadata).toMatchObject({ dependencies: { meteo: { calls: 1, failed: 0 } } });
});

test('a status outside 2xx is thrown as a ToolError, and an expected one is returned', async () => {
  response = { status: 429, headers: { 'retry-after': '7' } };
  const tool = (expected: number[]) =>
    defineTool(toolFacts({ provider: 'meteo' })).run(async (_args, { fetch }) => ({
      degrees: (await fetch(url, { expect: expected })).status,
    }));
  expect(await tool([])({ city: 'x' })).toMatchObject({ code: 'RATE_LIMITED', message: 'meteo answered 429' });
  expect(await tool([429])({ city: 'x' })).toEqual({ degrees: 429 });
});

test('work inside a call is its child: the same trace, and the call as the parent', async () => {
  const outer = aCall({ correlation_id: 'request-8', traceparent: TRACEPARENT, tenant_id: 'acme' });
  const inner = defineTool(toolFacts({ name: 'inner' })).run(() => ({ degrees: 2 }));
  await defineTool(toolFacts()).run(async () => {
    await inner({ city: 'y' });
    return await observe('query', 'find_city', () => ({ degrees: 3 }));
  })({ city: 'x' }, aContext(outer));
  const inherited = { correlation_id: 'request-8', trace_id: TRACE, tenant_id: 'acme', parent_id: outer.event_id };
  expect(lines.records()).toMatchObject([
    { name: 'inner', ...inherited },
    { kind: 'query', name: 'find_city', ...inherited },
    { name: 'weather', event_id: outer.event_id },
  ]);
  expect(new Set(lines.records().map((record) => record.event_id)).size).toBe(3);
});

test('the context for a nested call names this call as its parent', async () => {
  const outer = aCall({ tenant_id: 'acme' });
  let nested: unknown;
  await defineTool(toolFacts()).run((_args, context) => {
    nested = context.nested();
    return { degrees: 1 };
  })({ city: 'x' }, aContext(outer));
  expect(callContext.parse(nested)).toMatchObject({ parent_id: outer.event_id, tenant_id: 'acme' });
});

test('ten thousand concurrent calls in one process stay separate', async () => {
  const calls = Array.from({ length: 10_000 }, (_, index) =>
    aCall({ tenant_id: `tenant-${index}`, correlation_id: `c-${index}` }),
  );
  const tool = defineTool(toolFacts()).run(async ({ city }, { measure, call }) => {
    await new Promise((resume) => setTimeout(resume, Math.random() * 20));
    measure('index', Number(city));
    await Promise.resolve();
    expect(currentScope()?.incoming.call).toBe(call);
    expect(call.tenant_id).toBe(`tenant-${city}`);
    return { degrees: Number(city) };
  });
  const replies = await Promise.all(calls.map((call, index) => tool({ city: String(index) }, aContext(call))));
  expect(replies.every((reply, index) => 'degrees' in reply && reply.degrees === index)).toBe(true);
  const byId = new Map(lines.records().map((record) => [record.event_id, record]));
  expect(byId.size).toBe(10_000);
  const mixed = calls.filter((call, index) => {
    const record = byId.get(call.event_id);
    return (
      record?.tenant_id !== call.tenant_id ||
      record?.correlation_id !== `c-${index}` ||
      record?.measures?.index !== index
    );
  });
  expect(mixed).toEqual([]);
  expect(currentScope()).toBeUndefined();
});

describe('the hand-written reader of a call context', () => {
  const field = fc.oneof(fc.string({ maxLength: 600 }), fc.constant(undefined), fc.integer(), fc.uuid());
  const keys = Object.keys(callContext.shape);
  const sent = fc.record(Object.fromEntries(keys.map((key) => [key, field])), { requiredKeys: [] });
  const now = Date.now();

  test('accepts everything that the contract’s schema accepts', () => {
    fc.assert(
      fc.property(sent, (fields) => {
        const whole = { ...fields, event_id: createUuidV7(now), correlation_id: 'c' };
        const parsed = callContext.safeParse(JSON.parse(JSON.stringify(whole)));
        if (parsed.success) expect(readCallContext(JSON.parse(JSON.stringify(whole)), now)).toEqual(parsed.data);
      }),
    );
  });

  test('returns nothing that the schema would reject', () => {
    fc.assert(
      fc.property(fc.oneof(sent, fc.anything()), (anything) => {
        const read = readCallContext(anything, now);
        callContext.parse({ event_id: createUuidV7(now), correlation_id: 'c', ...read });
      }),
    );
  });

  test('ignores an id whose time is too far away', () => {
    expect(readCallContext({ event_id: createUuidV7(now - 2 * DAY_MS) }, now)).toEqual({});
    expect(readCallContext({ event_id: createUuidV7(now + 2 * HOUR_MS) }, now)).toEqual({});
  });
});
