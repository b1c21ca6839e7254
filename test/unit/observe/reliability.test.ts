import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleAll } from 'cockatiel';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Scope } from '../../../lambdas/observe/call/scope.ts';
import { defineTool } from '../../../lambdas/observe/define-tool.ts';
import { ToolError } from '../../../lambdas/observe/failure/tool-error.ts';
import { createBreaker, FAILURES_TO_OPEN, forgetBreakers, OPEN_MS } from '../../../lambdas/observe/retry/breaker.ts';
import { BUDGET_FULL, forgetRetryBudgets } from '../../../lambdas/observe/retry/retry-budget.ts';
import { toolFacts } from '../../support/a-tool.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();

/** What the wrapper logged about its own trying, as `level message`. */
let logged: string[] = [];
vi.mock('../../../lambdas/observe/call/call-logger.ts', async (original) => ({
  ...(await original<typeof import('../../../lambdas/observe/call/call-logger.ts')>()),
  logQuietly: (_scope: Scope, level: string, message: string, keys: { reason?: string }) =>
    logged.push([level, message, keys.reason].filter(Boolean).join(' ')),
}));

beforeEach(() => {
  vi.useFakeTimers();
  logged = [];
  forgetBreakers();
  forgetRetryBudgets();
});
afterEach(() => vi.useRealTimers());

const facts = toolFacts({ retry: { attempts: 3 } });
const call = async (tool: ReturnType<typeof flaky>['tool'], remainingMs = 30_000) => {
  const reply = tool({ city: 'Utrecht' }, aContext({}, { remainingMs }));
  await vi.runAllTimersAsync();
  return await reply;
};

/** A tool that fails so often before it works; `at` says when it was tried. */
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

test('a retryable failure of a read-only tool is tried again, and the line says how often', async () => {
  const { tool, at } = flaky(2, busy);
  expect(await call(tool)).toEqual({ degrees: 21 });
  expect(at).toHaveLength(3);
  expect(lines.records()).toMatchObject([{ success: true, attempts: 3 }]);
  expect(logged).toEqual(['info retrying', 'info retrying']);
});

test('a tool that may change something is tried once, unless it says it is idempotent', async () => {
  const writes = flaky(1, busy, { readOnly: false });
  const repeatable = flaky(1, busy, { readOnly: false, idempotent: true });
  expect(await call(writes.tool)).toMatchObject({ code: 'UPSTREAM_ERROR' });
  expect(await call(repeatable.tool)).toEqual({ degrees: 21 });
  expect([writes.at.length, repeatable.at.length]).toEqual([1, 2]);
});

test('what will not get better is skipped, and what did not is given up: each is logged once', async () => {
  expect(await call(flaky(9, () => new Error('bug')).tool)).toMatchObject({ code: 'INTERNAL_ERROR' });
  expect(logged).toEqual(['debug retry skipped']);
  logged = [];
  expect(await call(flaky(9, busy).tool)).toMatchObject({ code: 'UPSTREAM_ERROR' });
  expect(logged).toEqual(['info retrying', 'info retrying', 'warn gave up attempts']);
  expect(lines.records()[1]).toMatchObject({ attempts: 3, success: false });
});

test('the wait is anything up to its bound, which doubles', async () => {
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

test('Retry-After is waited for when there is time, and not when there is none', async () => {
  const patient = flaky(1, () => busy({ retryAfterSeconds: 2 }));
  expect(await call(patient.tool)).toEqual({ degrees: 21 });
  expect((patient.at[1] ?? 0) - (patient.at[0] ?? 0)).toBeGreaterThanOrEqual(2_000);
  const hasty = flaky(1, () => busy({ retryAfterSeconds: 20 }));
  expect(await call(hasty.tool)).toMatchObject({ code: 'UPSTREAM_ERROR' });
  expect(hasty.at).toHaveLength(1);
  expect(logged.at(-1)).toBe('warn gave up time');
});

test('a sick upstream is not stormed: retries have a budget', async () => {
  let tries = 0;
  const tool = defineTool(facts).run(() => {
    tries += 1;
    throw busy();
  });
  const calls = 100;
  for (let index = 0; index < calls; index += 1) await call(tool);
  expect(tries).toBeGreaterThan(calls);
  expect(tries).toBeLessThanOrEqual(calls + BUDGET_FULL + calls / 10);
  expect(logged.at(-1)).toBe('warn gave up budget');
});

test('an open breaker answers at once, in words a model can act on, and closes when the service is back', async () => {
  let down = true;
  let asked = 0;
  const tool = defineTool({ ...facts, retry: { attempts: 1 }, provider: 'meteo' }).run(() => {
    asked += 1;
    if (down) throw busy();
    return { degrees: 21 };
  });
  for (let index = 0; index < FAILURES_TO_OPEN; index += 1) await call(tool);
  const until = new Date(Date.now() + OPEN_MS).toISOString();
  expect(await call(tool)).toMatchObject({
    code: 'UPSTREAM_ERROR',
    fault: 'dependency',
    retryable: true,
    message: `meteo is unavailable. Do not retry before ${until}; go on without it if you can.`,
  });
  expect(asked).toBe(FAILURES_TO_OPEN);
  expect(lines.records().at(-1)).toMatchObject({ error_type: 'circuit_open' });
  down = false;
  vi.advanceTimersByTime(OPEN_MS);
  expect(await call(tool)).toEqual({ degrees: 21 });
  expect(await call(tool)).toEqual({ degrees: 21 });
});

test('neither a caller’s mistake nor a rate limit opens the breaker', async () => {
  for (const code of ['INVALID_INPUT', 'RATE_LIMITED'] as const) {
    const { tool, at } = flaky(20, () => new ToolError(code, 'no'), { provider: 'meteo', retry: { attempts: 1 } });
    for (let index = 0; index < 10; index += 1) await call(tool);
    expect(at).toHaveLength(10);
  }
});

test('the breaker opens and closes exactly when cockatiel’s does', async () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('call' as const), works: fc.boolean() }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: OPEN_MS * 2 }) }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const theirs = circuitBreaker(handleAll, {
        halfOpenAfter: OPEN_MS,
        breaker: new ConsecutiveBreaker(FAILURES_TO_OPEN),
      });
      const ours = createBreaker();
      for (const one of steps) {
        if (one.kind === 'wait') {
          vi.advanceTimersByTime(one.ms);
          continue;
        }
        let letThrough = false;
        const work = () => {
          letThrough = true;
          if (!one.works) throw new Error('down');
        };
        await theirs.execute(work).catch(() => {});
        const refusal = ours.requestAttempt(Date.now());
        expect(refusal === undefined).toBe(letThrough);
        if (refusal !== undefined) continue;
        if (one.works) ours.recordSuccess();
        else ours.recordFailure(Date.now());
        expect(theirs.state).toBeOneOf([CircuitState.Closed, CircuitState.Open]);
      }
    }),
    { numRuns: 200 },
  );
});

test('while one call tries a service again, the others still wait', () => {
  const breaker = createBreaker();
  for (let index = 0; index < FAILURES_TO_OPEN; index += 1) breaker.recordFailure(0);
  expect(breaker.requestAttempt(OPEN_MS - 1)).toBe(OPEN_MS);
  expect(breaker.requestAttempt(OPEN_MS)).toBeUndefined();
  expect(breaker.requestAttempt(OPEN_MS)).toBeGreaterThan(OPEN_MS);
  breaker.recordNeither();
  expect(breaker.requestAttempt(OPEN_MS)).toBeUndefined();
});
