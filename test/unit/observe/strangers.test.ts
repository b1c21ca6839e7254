import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { checkLine } from '../../../lambdas/observe/line/check-line.ts';
import { observe } from '../../../lambdas/observe/observe.ts';
import { attachObserver, observeHandler } from '../../../lambdas/observe/observe-handler.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { EVENTS } from '../../support/events.ts';

const lines = captureLines();

const withThrowingGetters = (value: object): object =>
  Object.defineProperties(
    Array.isArray(value) ? [] : {},
    Object.fromEntries(
      Object.keys(value).map((key) => [
        key,
        {
          enumerable: true,
          get() {
            throw new Error(`not for you: ${key}`);
          },
        },
      ]),
    ),
  );
const createUnreadable = (): object =>
  new Proxy(
    {},
    {
      get() {
        throw new Error('not for you');
      },
      ownKeys() {
        throw new Error('not for you');
      },
      has() {
        throw new Error('not for you');
      },
      getPrototypeOf() {
        throw new Error('not for you');
      },
    },
  );
const createRevoked = (): object => {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
};
const createCyclic = () => {
  const cyclic: Record<string, unknown> = { version: '2.0' };
  cyclic.requestContext = cyclic;
  cyclic.Records = [cyclic];
  return cyclic;
};

/** Runs a handler that answers `answer`, or throws it, and expects what is true of every call, whatever it is given. */
const expectUntouched = async (event: unknown, context: unknown, answer: unknown, throws = false) => {
  const before = lines.raw().length;
  const handler = vi.fn(async (_event: unknown, _context: unknown) => {
    if (throws) throw answer;
    return answer;
  });
  const outcome = await observeHandler(handler as never)(event as never, context as never).then(
    (returned: unknown) => ({ returned }),
    (thrown: unknown) => ({ thrown }),
  );
  expect(handler).toHaveBeenCalledTimes(1);
  const [given] = handler.mock.calls;
  // By identity, in which NaN is itself.
  expect(Object.is(given?.[0], event) && Object.is(given?.[1], context)).toBe(true);
  expect('thrown' in outcome).toBe(throws);
  if ('thrown' in outcome) expect(Object.is(outcome.thrown, answer)).toBe(true);
  const written = lines.raw().slice(before);
  expect(written).toHaveLength(1);
  expect(checkLine(written[0] ?? '')).toEqual([]);
  return 'returned' in outcome ? outcome.returned : undefined;
};

describe('the handler runs with its event, and its line is written, when', () => {
  const { httpApi, queue, schedule } = EVENTS;
  test.each<[string, unknown, unknown]>([
    ['a schedule names no resources', { ...schedule, resources: undefined }, {}],
    ['headers are null', { ...httpApi, headers: null }, {}],
    ['headers are a text', { ...httpApi, headers: 'x' }, {}],
    ['a message has no body', { Records: [{ ...queue.Records[0], body: undefined }, null] }, {}],
    ['there is no context', httpApi, undefined],
    ['the context is null', httpApi, null],
    ['payload 2.0 has no route', { ...httpApi, routeKey: undefined }, {}],
    ['payload 2.0 has no method', { ...httpApi, requestContext: { http: {} } }, {}],
    ['there is no event', undefined, {}],
    ['the event is null', null, {}],
    ['the event is a text', 'x', {}],
    ['the event cannot be read', createUnreadable(), {}],
    ['the event is a revoked proxy', createRevoked(), {}],
    ['the event contains itself', createCyclic(), {}],
    ['the context cannot be read', httpApi, createUnreadable()],
    ['the remaining time cannot be read', httpApi, { getRemainingTimeInMillis: createUnreadable }],
    ['the context was cancelled by somebody', httpApi, { signal: AbortSignal.abort() }],
    ['the client context is odd', httpApi, { clientContext: { custom: 'x', Custom: 1 } }],
    ['the context has other types', httpApi, { functionVersion: 1n, memoryLimitInMB: Symbol('x'), awsRequestId: {} }],
    ['the route is very long', { ...httpApi, routeKey: '漢'.repeat(2_000) }, {}],
  ])('%s', async (_, event, context) => {
    await expectUntouched(event, context, 'done');
    await expectUntouched(event, context, new Error('no such order'), true);
  });

  test('payload 2.0 without a route is named after its method', async () => {
    await expectUntouched({ ...httpApi, routeKey: undefined }, {}, 'done');
    expect(lines.records()[0]?.name).toBe('GET $default');
  });

  test('its error quotes arguments that cannot be read', async () => {
    const event = { ...httpApi, body: undefined, queryStringParameters: createUnreadable() };
    await expectUntouched(event, {}, new Error('secret words'), true);
    expect(lines.raw()[0]).not.toContain('secret words');
    expect(lines.records()[0]).toMatchObject({ fault: 'ours', success: false });
  });
});

describe('an answer is passed on as it was:', () => {
  const http = EVENTS.httpApi;

  test('frozen, and with null, odd or several headers', async () => {
    const added = { 'x-correlation-id': 'req-9', 'x-request-id': 'req-9', 'server-timing': expect.any(String) };
    const frozen = Object.freeze({ statusCode: 200, headers: Object.freeze({ etag: 'x' }) });
    expect(await expectUntouched(http, {}, frozen)).toEqual({ statusCode: 200, headers: { etag: 'x', ...added } });
    expect(await expectUntouched(http, {}, { statusCode: 204, headers: null })).toMatchObject({ headers: added });
    const own = { statusCode: 200, headers: { 'X-Correlation-Id': 'mine' } };
    expect(await expectUntouched(http, {}, own)).toEqual({
      statusCode: 200,
      headers: { 'X-Correlation-Id': 'mine', 'x-request-id': 'req-9', 'server-timing': expect.any(String) },
    });
    const several = { statusCode: 200, multiValueHeaders: { 'set-cookie': ['a', 'b'] } };
    expect(await expectUntouched(EVENTS.restApi, {}, several)).toEqual({
      statusCode: 200,
      multiValueHeaders: {
        'set-cookie': ['a', 'b'],
        'x-correlation-id': ['req-9'],
        'x-request-id': ['req-9'],
        'server-timing': [expect.any(String)],
      },
    });
    const list = { statusCode: 200, headers: [['a', 'b']] };
    expect(await expectUntouched(http, {}, list)).toBe(list);
  });

  test('with a JSON form of its own, or one that cannot be read', async () => {
    const own = { statusCode: 200, toJSON: () => ({ statusCode: 201 }) };
    expect(await expectUntouched(http, {}, own)).toBe(own);
    for (const answer of [withThrowingGetters({ statusCode: 200, headers: {} }), createCyclic()]) {
      expect((await expectUntouched(http, {}, answer)) === answer).toBe(true);
    }
  });

  test('whatever the error is', async () => {
    for (const thrown of [
      undefined,
      null,
      'x',
      1n,
      Symbol('x'),
      createUnreadable(),
      withThrowingGetters(new Error('x')),
    ])
      await expectUntouched(http, {}, thrown, true);
  });
});

test('a handler that answers after its line said timeout still answers', async () => {
  let answer: (value: string) => void = () => {};
  const answering = observeHandler(() => new Promise<string>((resolve) => (answer = resolve)))({}, {
    getRemainingTimeInMillis: () => 260,
  } as Context);
  await expect.poll(() => lines.records()).toMatchObject([{ error_code: 'TIMEOUT' }]);
  answer('done');
  expect(await answering).toBe('done');
  expect(lines.raw()).toHaveLength(1);
});

type Maker = () => unknown;
const value = (settings = {}): fc.Arbitrary<Maker> => fc.anything(settings).map((made) => () => made);
/** Made in the test and not before, because fast-check reads what it makes. */
const makers: fc.Arbitrary<Maker> = fc.oneof(
  value({ withBigInt: true, withNullPrototype: true, withDate: true, withMap: true }),
  fc.constantFrom<Maker>(
    createUnreadable,
    createRevoked,
    createCyclic,
    () => null,
    () => '',
    () => [],
  ),
);
const make = (parts: Record<string, Maker | undefined>) =>
  Object.fromEntries(Object.entries(parts).map(([key, maker]) => [key, maker?.()]));

test('whatever the event, the context and the answer are', async () => {
  const keys = [...new Set(Object.values(EVENTS).flatMap((event) => Object.keys(event)))];
  const recordOf = (names: string[]) =>
    fc.record(Object.fromEntries(names.map((name) => [name, makers])), { requiredKeys: [] });
  /** An event of some sender, of which a part is replaced or missing. */
  const partial: fc.Arbitrary<() => object> = fc
    .tuple(fc.constantFrom<object>(...Object.values(EVENTS)), recordOf(keys), fc.array(fc.constantFrom(...keys)))
    .map(([event, changes, missing]) => () => {
      const changed: Record<string, unknown> = { ...event, ...make(changes) };
      for (const key of missing) delete changed[key];
      return changed;
    });
  const hostile: fc.Arbitrary<Maker> = fc.oneof(
    makers,
    partial,
    partial.map((maker) => () => withThrowingGetters(maker())),
  );
  // An answer that is itself unreadable cannot even leave an async function.
  const answers: fc.Arbitrary<Maker> = fc.oneof(
    value({ withBigInt: true, withNullPrototype: true }),
    recordOf(['statusCode', 'headers', 'multiValueHeaders', 'body', 'batchItemFailures', 'isError']).map(
      (parts) => () => make(parts),
    ),
  );
  await fc.assert(
    fc.asyncProperty(hostile, hostile, answers, fc.boolean(), async (event, context, answer, throws) => {
      await expectUntouched(event(), context(), answer(), throws);
    }),
    { numRuns: 400 },
  );
});

describe('middy middleware', () => {
  test('does not fail on a request that it cannot read', () => {
    for (const [event, context] of [
      [undefined, undefined],
      [null, null],
      [createUnreadable(), createUnreadable()],
    ]) {
      const { before, after } = attachObserver();
      const request = { event, context, response: 'done', error: undefined } as never;
      before(request);
      after(request);
    }
    expect(lines.raw()).toHaveLength(3);
    for (const line of lines.raw()) expect(checkLine(line)).toEqual([]);
  });
});

describe('a tool', () => {
  const tool = defineTool(toolFacts()).run(() => ({ degrees: 1 }));

  test('replies and writes its line, whatever its event and its context are', async () => {
    await fc.assert(
      fc.asyncProperty(makers, makers, async (event, context) => {
        const before = lines.raw().length;
        expect(await tool(event(), context() as never)).toBeTypeOf('object');
        const written = lines.raw().slice(before);
        expect(written.map(checkLine)).toEqual([[]]);
      }),
      { numRuns: 300 },
    );
  });

  test('accepts arguments whose size cannot be measured', async () => {
    const cyclic: Record<string, unknown> = { city: 'x' };
    cyclic.note = cyclic;
    expect(await tool(cyclic)).toEqual({ degrees: 1 });
    expect(lines.records()[0]).not.toHaveProperty('request_bytes');
  });

  test('does not fail when it measures or times something without a name', async () => {
    const odd = defineTool(toolFacts()).run(async (_args, { measure, dependency }) => {
      measure(undefined as never, 1);
      measure('a', '1' as never);
      return { degrees: await dependency(undefined as never, async () => 1) };
    });
    expect(await odd({ city: 'x' })).toEqual({ degrees: 1 });
  });
});

test('observed work runs whatever its name is', async () => {
  for (const name of [undefined, null, 7, '', '漢'.repeat(2_000)])
    expect(await observe('job', name as never, () => 'done')).toBe('done');
  for (const line of lines.raw()) expect(checkLine(line)).toEqual([]);
});
