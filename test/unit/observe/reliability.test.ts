import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Scope } from '../../../lambdas/observe/call/scope.ts';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { ToolError } from '../../../lambdas/observe/failure/tool-error.ts';
import { createBreaker, FAILURES_TO_OPEN, OPEN_MS, resetBreakers } from '../../../lambdas/observe/retry/breaker.ts';
import { MAX_BUDGET, resetRetryBudgets } from '../../../lambdas/observe/retry/retry-budget.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();

/** The wrapper's log entries about retries, as `level message`. */
let logged: string[] = [];
vi.mock('../../../lambdas/observe/log/call-logger.ts', async (original) => ({
  ...(await original<typeof import('../../../lambdas/observe/log/call-logger.ts')>()),
  logQuietly: (_scope: Scope, level: string, message: string, keys: { reason?: string }) =>
    logged.push([level, message, keys.reason].filter(Boolean).join(' ')),
}));

beforeEach(() => {
  vi.useFakeTimers();
  logged = [];
  resetBreakers();
  resetRetryBudgets();
});
afterEach(() => vi.useRealTimers());

const facts = toolFacts({ retry: { attempts: 3 } });
const call = async (tool: ReturnType<typeof flaky>['tool'], remainingMs = 30_000) => {
  const reply = tool({ city: 'Utrecht' }, aContext({}, { remainingMs }));
  await vi.runAllTimersAsync();
  return await reply;
};

/** A tool that fails `failures` times and then works; `at` has the time of each attempt. */
const flaky = (failures: number, error: () => unknown, given: Parameters<typeof toolFacts>[0] = {}) => {
  const at: number[] = [];
  const tool = defineTool({ ...facts, ...given }).run(() => {
    at.push(Date.now());
    if (at.length <= failures) throw error();
    return { degrees: 21 };
  });
  return { tool, at };
};
const busy = (more: object = {}) => new ToolError('UPSTREAM_ERROR', 'busy', more);

test('a retryable failure of a read-only tool is retried, and the line has the number of attempts', async () => {
  const { tool, at } = flaky(2, busy);
  expect(await call(tool)).toEqual({ degrees: 21 });
  expect(at).toHaveLength(3);
  expect(lines.records()).toMatchObject([{ success: true, attempts: 3 }]);
  expect(logged).toEqual(['info retrying', 'info retrying']);
});

test('a tool that may change something is not retried unless it is declared idempotent', async () => {
  const writes = flaky(1, busy, { readOnly: false });
  const repeatable = flaky(1, busy, { readOnly: false, idempotent: true });
  expect(await call(writes.tool)).toMatchObject({ code: 'UPSTREAM_ERROR' });
  expect(await call(repeatable.tool)).toEqual({ degrees: 21 });
  expect([writes.at.length, repeatable.at.length]).toEqual([1, 2]);
});

test('a permanent failure is not retried, and a retryable one is given up: each decision is logged once', async () => {
  expect(await call(flaky(9, () => new Error('bug')).tool)).toMatchObject({ code: 'INTERNAL_ERROR' });
  expect(logged).toEqual(['debug retry skipped']);
  logged = [];
  expect(await call(flaky(9, busy).tool)).toMatchObject({ code: 'UPSTREAM_ERROR' });
  expect(logged).toEqual(['info retrying', 'info retrying', 'warn gave up attempts']);
  expect(lines.records()[1]).toMatchObject({ attempts: 3, success: false });
});

test('the delay is random below a bound that doubles', async () => {
  const waits = async (random: number) => {
    vi.spyOn(Math, 'random').mockReturnValue(random);
    const { tool, at } = flaky(2, busy);
    await call(tool);
    return at.slice(1).map((time, index) => time - (at[index] ?? 0));
  };
  expect(await waits(0)).toEqual([0, 0].map(() => expect.toSatisfy((ms: number) => ms <= 1)));
  expect(await waits(0.5)).toEqual([50, 100]);
  expect(await waits(0.99)).toEqual([99, 198]);
});

test('a retry waits for Retry-After if the call’s time allows it, and is given up otherwise', async () => {
  const patient = flaky(1, () => busy({ retryAfterSeconds: 2 }));
  expect(await call(patient.tool)).toEqual({ degrees: 21 });
  expect((patient.at[1] ?? 0) - (patient.at[0] ?? 0)).toBeGreaterThanOrEqual(2_000);
  const hasty = flaky(1, () => busy({ retryAfterSeconds: 20 }));
  expect(await call(hasty.tool)).toMatchObject({ code: 'UPSTREAM_ERROR' });
  expect(hasty.at).toHaveLength(1);
  expect(logged.at(-1)).toBe('warn gave up time');
});

test('retries have a budget, so a failing provider gets few of them', async () => {
  let tries = 0;
  const tool = defineTool(facts).run(() => {
    tries += 1;
    throw busy();
  });
  const calls = 100;
  for (let index = 0; index < calls; index += 1) await call(tool);
  expect(tries).toBeGreaterThan(calls);
  expect(tries).toBeLessThanOrEqual(calls + MAX_BUDGET + calls / 10);
  expect(logged.at(-1)).toBe('warn gave up budget');
});

test('an open breaker fails calls immediately, says when to retry, and closes after its time', async () => {
  let down = true;
  let attempts = 0;
  const tool = defineTool({ ...facts, retry: { attempts: 1 }, provider: 'meteo' }).run(() => {
    attempts += 1;
    if (down) throw busy();
    return { degrees: 21 };
  });
  for (let index = 0; index < FAILURES_TO_OPEN; index += 1) await call(tool);
  const until = new Date(Date.now() + OPEN_MS).toISOString();
  expect(await call(tool)).toMatchObject({
    code: 'UPSTREAM_ERROR',
    fault: 'dependency',
    retryable: true,
    message: `meteo is unavailable. Do not retry before ${until}; continue without it if you can.`,
  });
  expect(attempts).toBe(FAILURES_TO_OPEN);
  expect(lines.records().at(-1)).toMatchObject({ error_type: 'circuit_open' });
  down = false;
  vi.advanceTimersByTime(OPEN_MS);
  expect(await call(tool)).toEqual({ degrees: 21 });
  expect(await call(tool)).toEqual({ degrees: 21 });
});

test('neither a caller’s fault nor a rate limit opens the breaker', async () => {
  for (const code of ['INVALID_INPUT', 'RATE_LIMITED'] as const) {
    const { tool, at } = flaky(20, () => new ToolError(code, 'no'), { provider: 'meteo', retry: { attempts: 1 } });
    for (let index = 0; index < 10; index += 1) await call(tool);
    expect(at).toHaveLength(10);
  }
});

test('the breaker opens and closes at the same calls as cockatiel’s', async () => {
  const anyStep = fc.oneof(
    fc.record({ kind: fc.constant('call' as const), works: fc.boolean() }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: OPEN_MS * 2 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 60 }), async (steps) => {
      const cockatielBreaker = circuitBreaker(handleAll, {
        halfOpenAfter: OPEN_MS,
        breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
      });
      const ownBreaker = createBreaker();
      for (const step of steps) {
        if (step.kind === 'wait') {
          vi.advanceTimersByTime(step.ms);
          continue;
        }
        let isAllowed = false;
        const work = () => {
          isAllowed = true;
          if (!step.works) throw new Error('down');
        };
        await cockatielBreaker.execute(work).catch(() => {});
        const openUntil = ownBreaker.requestAttempt(Date.now());
        expect(openUntil === undefined).toBe(isAllowed);
        if (openUntil !== undefined) continue;
        if (step.works) ownBreaker.recordSuccess();
        else ownBreaker.recordFailure(Date.now());
        expect(cockatielBreaker.state).toBeOneOf([CircuitState.Closed, CircuitState.Open]);
      }
    }),
    { numRuns: 200 },
  );
});

test('while a trial call runs, other calls still wait', () => {
  const breaker = createBreaker();
  for (let index = 0; index < FAILURES_TO_OPEN; index += 1) breaker.recordFailure(0);
  expect(breaker.requestAttempt(OPEN_MS - 1)).toBe(OPEN_MS);
  expect(breaker.requestAttempt(OPEN_MS)).toBeUndefined();
  expect(breaker.requestAttempt(OPEN_MS)).toBeGreaterThan(OPEN_MS);
  breaker.recordNeither();
  expect(breaker.requestAttempt(OPEN_MS)).toBeUndefined();
});
