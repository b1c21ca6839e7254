import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { measureEmbedded } from '../../../lambdas/contract/answer-size.ts';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { ToolError } from '../../../lambdas/observe/failure/tool-error.ts';
import { resetBreakers } from '../../../lambdas/observe/retry/breaker.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
beforeEach(resetBreakers);

const facts = toolFacts({ provider: 'meteo' });
const httpError = (status: number) =>
  Object.assign(new Error('from a library'), { $metadata: { httpStatusCode: status } });
const networkError = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) });
const throwing = (error: unknown) => () => {
  throw error;
};

/** What the tool does, and the expected code, fault, type and retryable. */
const outcomes: [string, (...args: never[]) => unknown, string, string, string, boolean][] = [
  ['throws a ToolError', throwing(new ToolError('UNAUTHORIZED', 'no')), 'UNAUTHORIZED', 'caller', 'tool_error', false],
  [
    'throws a ToolError with its own fault and type',
    throwing(new ToolError('RATE_LIMITED', 'slow down', { fault: 'caller', retryable: false, type: 'quota' })),
    'RATE_LIMITED',
    'caller',
    'quota',
    false,
  ],
  ['throws an error', throwing(new RangeError('x')), 'INTERNAL_ERROR', 'ours', 'RangeError', false],
  ['throws a string', throwing('x'), 'INTERNAL_ERROR', 'ours', 'thrown_value', false],
  ['throws undefined', throwing(undefined), 'INTERNAL_ERROR', 'ours', 'thrown_value', false],
  [
    'throws an unreadable error',
    throwing(createUnreadableError()),
    'INTERNAL_ERROR',
    'ours',
    'unreadable_error',
    false,
  ],
  ['rejects later', async () => Promise.reject(new Error('x')), 'INTERNAL_ERROR', 'ours', 'Error', false],
  ['gets a 503 from its provider', throwing(httpError(503)), 'UPSTREAM_ERROR', 'dependency', 'http_503', true],
  ['gets a 429 from its provider', throwing(httpError(429)), 'RATE_LIMITED', 'dependency', 'http_429', true],
  ['gets a 400 from its provider', throwing(httpError(400)), 'INTERNAL_ERROR', 'ours', 'http_400', false],
  [
    'connects to a closed port',
    throwing(networkError('ECONNREFUSED')),
    'UPSTREAM_ERROR',
    'dependency',
    'ECONNREFUSED',
    true,
  ],
  [
    'connects to a host that does not answer',
    throwing(networkError('ETIMEDOUT')),
    'TIMEOUT',
    'dependency',
    'ETIMEDOUT',
    true,
  ],
  ['returns isError', () => ({ isError: true, content: [] }), 'INTERNAL_ERROR', 'ours', 'tool_error', false],
  [
    'passes on another tool’s failure',
    () => ({ isError: true, code: 'TIMEOUT', fault: 'platform', retryable: true, message: 'm' }),
    'TIMEOUT',
    'platform',
    'tool_error',
    true,
  ],
  [
    'returns a failure that looks like a success',
    () => ({ degrees: -999 }),
    'UPSTREAM_ERROR',
    'dependency',
    'sensor',
    true,
  ],
  [
    'returns a result that its output does not allow',
    () => ({ degrees: 'warm' }),
    'INTERNAL_ERROR',
    'ours',
    'invalid_output',
    false,
  ],
  ['returns nothing', () => undefined, 'INTERNAL_ERROR', 'ours', 'invalid_output', false],
  [
    'returns a result that cannot be written as JSON',
    () => ({ degrees: 1, note: 1n }),
    'INTERNAL_ERROR',
    'ours',
    'invalid_output',
    false,
  ],
];

function createUnreadableError(): Error {
  return new Proxy(new Error('x'), {
    get() {
      throw new Error('not for you');
    },
  });
}

const hooks = {
  failureIn: ({ degrees }: { degrees: number }) =>
    degrees === -999 ? new ToolError('UPSTREAM_ERROR', 'The sensor is broken', { type: 'sensor' }) : undefined,
};

describe('a tool that', () => {
  test.each(outcomes)('%s', async (_, behaviour, code, fault, type, retryable) => {
    const tool = defineTool(facts).run(behaviour as () => { degrees: number }, hooks);
    const reply = await tool({ city: 'Utrecht' }, aContext());
    expect(reply).toMatchObject({ isError: true, code, fault, retryable, correlation_id: 'test-correlation' });
    expect(lines.raw()).toHaveLength(1);
    expect(lines.records()).toMatchObject([
      { success: false, error_code: code, fault, error_type: type, retryable, error_fingerprint: expect.any(String) },
    ]);
    const line = JSON.parse(lines.raw()[0] ?? '');
    expect(line).toMatchObject({ error: fault === 'caller' ? 0 : 1, caller_error: fault === 'caller' ? 1 : 0 });
    expect(line.level).toBe({ caller: 'INFO', dependency: 'WARN', ours: 'ERROR', platform: 'ERROR' }[fault]);
  });
});

const hangs = () => new Promise<never>(() => {});

test('a timeout is our fault, unless the tool was waiting for a dependency', async () => {
  const alone = defineTool(facts).run(hangs);
  const waiting = defineTool(facts).run((_args, { dependency }) => dependency('meteo', hangs));
  const context = () => aContext({}, { remainingMs: 260 });
  expect(await alone({ city: 'Utrecht' }, context())).toMatchObject({ code: 'TIMEOUT', fault: 'ours' });
  expect(await waiting({ city: 'Utrecht' }, context())).toMatchObject({ code: 'TIMEOUT', fault: 'dependency' });
  expect(lines.records().map((record) => record.error_type)).toEqual(['timeout', 'timeout']);
});

test('the line of a timeout is written before Lambda’s own time limit', async () => {
  const remainingMs = 400;
  const startedMs = performance.now();
  await defineTool({ ...facts, timeoutSeconds: 60 }).run(hangs)({ city: 'Utrecht' }, aContext({}, { remainingMs }));
  expect(lines.raw()).toHaveLength(1);
  expect(performance.now() - startedMs).toBeLessThan(remainingMs);
});

test('a caller’s cancellation aborts the work and is the caller’s fault', async () => {
  const caller = new AbortController();
  let reason: unknown;
  const tool = defineTool(facts).run((_args, { signal }) => {
    signal.addEventListener('abort', () => {
      reason = signal.reason.name;
    });
    return hangs();
  });
  const reply = tool({ city: 'Utrecht' }, aContext({}, { signal: caller.signal }));
  caller.abort();
  expect(await reply).toMatchObject({ code: 'TIMEOUT', fault: 'caller' });
  expect(reason).toBe('AbortError');
  expect(lines.records()).toMatchObject([{ error_type: 'cancelled', fault: 'caller' }]);
});

test('what a tool does after its timeout changes nothing', async () => {
  let finish: (value: { degrees: number }) => void = () => {};
  const tool = defineTool(facts).run((_args, { measure }) => {
    setTimeout(() => measure('late', 1), 300);
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  await tool({ city: 'Utrecht' }, aContext({}, { remainingMs: 251 }));
  finish({ degrees: 20 });
  expect(lines.records()).toMatchObject([{ success: false, error_code: 'TIMEOUT' }]);
  expect(lines.records()[0]).not.toHaveProperty('measures');
});

test('the caller reads which argument is invalid, and the line names it without its value', async () => {
  const reply = await defineTool(facts).run(() => ({ degrees: 1 }))({ city: 42, extra: 'canary' }, aContext());
  expect(reply).toMatchObject({ message: expect.stringMatching(/string.* at city/) });
  expect(lines.records()).toMatchObject([{ error_message: 'invalid_type at city', error_type: 'invalid_input' }]);
});

test('a missing setting is our fault, and only the line names the variable', async () => {
  const tool = defineTool({ ...facts, settings: ['NO_SUCH_SETTING'] }).run(() => ({ degrees: 1 }));
  const reply = await tool({ city: 'Utrecht' }, aContext());
  expect(reply).toMatchObject({ code: 'INTERNAL_ERROR', fault: 'ours' });
  expect(JSON.stringify(reply)).not.toContain('NO_SUCH_SETTING');
  expect(lines.records()).toMatchObject([
    { error_type: 'missing_setting', error_message: 'Environment variables not set: NO_SUCH_SETTING' },
  ]);
});

describe('a result that the gateway could not deliver', () => {
  const replyOf = (note: string) =>
    defineTool(facts).run(() => ({ degrees: 1, note }))({ city: 'Utrecht' }, aContext());

  test.each([
    ['of seven megabytes', 'x'.repeat(7_000_000)],
    ['whose characters take three bytes', '€'.repeat(2_200_000)],
    // Inside the JSON of the gateway's answer each quote takes four characters.
    ['of quotes', '"'.repeat(1_600_000)],
  ])('%s is the caller’s fault, who can ask for less', async (_, note) => {
    expect(await replyOf(note)).toMatchObject({
      isError: true,
      code: 'INVALID_INPUT',
      fault: 'caller',
      retryable: false,
      message: expect.stringMatching(/^The result takes \d{7} bytes, more than the 6275172 .* Ask for less\.$/),
    });
    expect(lines.records()).toMatchObject([
      { success: false, error_type: 'result_too_large', fault: 'caller', response_bytes: expect.any(Number) },
    ]);
  });

  test('is not one that it can', async () => {
    expect(await replyOf('€'.repeat(2_000_000))).toMatchObject({ degrees: 1 });
    expect(lines.records()).toMatchObject([{ success: true }]);
  });

  test('is one whose JSON form throws, is a BigInt, contains itself or is missing', async () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    for (const note of [1n, cyclic, { toJSON: () => 1n }, { toJSON: throwing(new Error('no')) }]) {
      const tool = defineTool(facts).run(() => ({ degrees: 1, note }));
      expect(await tool({ city: 'Utrecht' }, aContext())).toMatchObject({ code: 'INTERNAL_ERROR', fault: 'ours' });
    }
    expect(lines.records().map(({ error_type }) => error_type)).toEqual(Array(4).fill('invalid_output'));
  });
});

test('what a result takes in the gateway’s answer is what JSON writes for its text', () => {
  fc.assert(
    fc.property(fc.json(), fc.string({ unit: 'binary' }), (json, text) => {
      expect(measureEmbedded(json)).toBe(Buffer.byteLength(JSON.stringify(json)));
      expect(measureEmbedded(JSON.stringify(text))).toBeLessThanOrEqual(JSON.stringify(text).length * 3 + 2);
    }),
  );
});
