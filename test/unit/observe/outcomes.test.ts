import { beforeEach, describe, expect, test } from 'vitest';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { killed, unknownTool } from '../../../lambdas/observe/failure/failure.ts';
import { recordFailure } from '../../../lambdas/observe/failure/record-failure.ts';
import { ToolError } from '../../../lambdas/observe/failure/tool-error.ts';
import { forgetBreakers } from '../../../lambdas/observe/retry/breaker.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aCall, aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
beforeEach(forgetBreakers);

const facts = toolFacts({ provider: 'meteo' });
const httpError = (status: number) =>
  Object.assign(new Error('from a library'), { $metadata: { httpStatusCode: status } });
const networkError = (code: string) => new TypeError('fetch failed', { cause: Object.assign(new Error(), { code }) });
const throws = (error: unknown) => () => {
  throw error;
};

/** What the tool does · the code · the fault · the type · may it be tried again. */
const outcomes: [string, (...args: never[]) => unknown, string, string, string, boolean][] = [
  ['throws a ToolError', throws(new ToolError('UNAUTHORIZED', 'no')), 'UNAUTHORIZED', 'caller', 'tool_error', false],
  [
    'throws a ToolError that says more',
    throws(new ToolError('RATE_LIMITED', 'slow down', { fault: 'caller', retryable: false, type: 'quota' })),
    'RATE_LIMITED',
    'caller',
    'quota',
    false,
  ],
  ['throws an error', throws(new RangeError('x')), 'INTERNAL_ERROR', 'ours', 'RangeError', false],
  ['throws a string', throws('x'), 'INTERNAL_ERROR', 'ours', 'thrown_value', false],
  ['throws nothing at all', throws(undefined), 'INTERNAL_ERROR', 'ours', 'thrown_value', false],
  ['throws what cannot be read', throws(unreadable()), 'INTERNAL_ERROR', 'ours', 'unreadable_error', false],
  ['rejects later', async () => Promise.reject(new Error('x')), 'INTERNAL_ERROR', 'ours', 'Error', false],
  ['meets an upstream 503', throws(httpError(503)), 'UPSTREAM_ERROR', 'dependency', 'http_503', true],
  ['meets an upstream 429', throws(httpError(429)), 'RATE_LIMITED', 'dependency', 'http_429', true],
  ['meets an upstream 400', throws(httpError(400)), 'INTERNAL_ERROR', 'ours', 'http_400', false],
  ['meets a closed port', throws(networkError('ECONNREFUSED')), 'UPSTREAM_ERROR', 'dependency', 'ECONNREFUSED', true],
  ['meets a silent host', throws(networkError('ETIMEDOUT')), 'TIMEOUT', 'dependency', 'ETIMEDOUT', true],
  ['returns isError', () => ({ isError: true, content: [] }), 'INTERNAL_ERROR', 'ours', 'tool_error', false],
  [
    'hands another tool’s failure on',
    () => ({ isError: true, code: 'TIMEOUT', fault: 'platform', retryable: true, message: 'm' }),
    'TIMEOUT',
    'platform',
    'tool_error',
    true,
  ],
  ['hides a failure in a success', () => ({ degrees: -999 }), 'UPSTREAM_ERROR', 'dependency', 'sensor', true],
  ['returns what its output forbids', () => ({ degrees: 'warm' }), 'INTERNAL_ERROR', 'ours', 'invalid_output', false],
  ['returns nothing', () => undefined, 'INTERNAL_ERROR', 'ours', 'invalid_output', false],
  ['returns what is no JSON', () => ({ degrees: 1, note: 1n }), 'INTERNAL_ERROR', 'ours', 'invalid_output', false],
];

function unreadable(): Error {
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

test('a tool out of time is to blame itself, unless it was waiting for a dependency', async () => {
  const alone = defineTool(facts).run(hangs);
  const waiting = defineTool(facts).run((_args, { dependency }) => dependency('meteo', hangs));
  const context = () => aContext({}, { remainingMs: 260 });
  expect(await alone({ city: 'Utrecht' }, context())).toMatchObject({ code: 'TIMEOUT', fault: 'ours' });
  expect(await waiting({ city: 'Utrecht' }, context())).toMatchObject({ code: 'TIMEOUT', fault: 'dependency' });
  expect(lines.records().map((record) => record.error_type)).toEqual(['timeout', 'timeout']);
});

test('the line of a tool out of time is out while Lambda would still let it write', async () => {
  const remainingMs = 400;
  const began = performance.now();
  await defineTool({ ...facts, timeoutSeconds: 60 }).run(hangs)({ city: 'Utrecht' }, aContext({}, { remainingMs }));
  expect(lines.raw()).toHaveLength(1);
  expect(performance.now() - began).toBeLessThan(remainingMs);
});

test('a caller that goes away is told apart, aborts the work, and pages nobody', async () => {
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

test('what a tool does after its time is over changes nothing', async () => {
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

test('the caller reads which argument is wrong; the line says it without the argument', async () => {
  const reply = await defineTool(facts).run(() => ({ degrees: 1 }))({ city: 42, extra: 'canary' }, aContext());
  expect(reply).toMatchObject({ message: expect.stringMatching(/string.* at city/) });
  expect(lines.records()).toMatchObject([{ error_message: 'invalid_type at city', error_type: 'invalid_input' }]);
});

test('a setting that is not set is our fault and names the variable to nobody but us', async () => {
  const tool = defineTool({ ...facts, settings: ['NO_SUCH_SETTING'] }).run(() => ({ degrees: 1 }));
  expect(await tool({ city: 'Utrecht' }, aContext())).toMatchObject({ code: 'INTERNAL_ERROR', fault: 'ours' });
  expect(lines.records()).toMatchObject([{ error_type: 'missing_setting' }]);
});

test('a killed tool and an unknown one get their lines from whoever called them', () => {
  const call = aCall({ tenant_id: 'acme' });
  const outOfMemory = killed('Runtime.OutOfMemory', 'RequestId: 1 Error: Runtime exited with error: signal: killed');
  recordFailure({ tool: { ...facts, slowMs: 2_000 }, call, failure: outOfMemory, durationMs: 812 });
  recordFailure({
    tool: { ...facts, slowMs: 2_000 },
    call,
    failure: killed('Sandbox.Timedout', 'Task timed out after 10.00 seconds'),
    durationMs: 1,
  });
  recordFailure({ tool: 'no_such_tool', call: aCall(), failure: unknownTool(), durationMs: 1 });
  expect(lines.records()).toMatchObject([
    { event_id: call.event_id, name: 'weather', provider: 'meteo', error_code: 'INTERNAL_ERROR', fault: 'platform' },
    { error_code: 'TIMEOUT', fault: 'platform', error_type: 'Sandbox.Timedout' },
    { name: 'no_such_tool', error_code: 'INVALID_INPUT', fault: 'caller', error_type: 'unknown_tool' },
  ]);
  expect(lines.raw().map((line) => JSON.parse(line).tool)).toEqual(['weather', 'weather', '_OTHER']);
});
