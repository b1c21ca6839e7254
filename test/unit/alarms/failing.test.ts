import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMath, type Series } from '../../../emulator/cloudwatch/metric-math.ts';
import { BEYOND_P95, DEVIATIONS, isFailingWindow, isSlowWindow } from '../../../lambdas/contract/significance.ts';
import { failsTooOften } from '../../../lib/alarms/failing.ts';
import { exceedsRateSignificantly } from '../../../lib/alarms/significance.ts';

interface Window {
  calls: number;
  errors: number;
}

/** The value of an expression in each of these windows. */
const evaluate = (expression: string, windows: readonly Window[]): number[] => {
  const series = (id: string): Series =>
    new Map(windows.map((window, index) => [index, id === 'calls' ? window.calls : window.errors]));
  const values = parseMath(expression)({ periods: [...windows.keys()], series });
  return windows.map((_, index) => (typeof values === 'number' ? values : (values.get(index) ?? Number.NaN)));
};

const upTo = (max: number) => Array.from({ length: max + 1 }, (_, value) => value);
const grid = [...upTo(30), 57, 100, 150].flatMap((calls) => upTo(calls).map((errors) => ({ calls, errors })));

const read = { calls: 'calls', errors: 'errors' };

/** The probability of so many failures or more among these calls, of which each fails with this probability. */
const tailOf = (errors: number, calls: number, rate: number): number => {
  let probability = (1 - rate) ** calls;
  let below = 0;
  for (let count = 0; count < errors; count += 1) {
    below += probability;
    probability *= ((calls - count) / (count + 1)) * (rate / (1 - rate));
  }
  return 1 - below;
};

describe('the condition that calls fail too often', () => {
  test.each([
    [20, 3, 0.1],
    [20, 3, 0.02],
    [5, 1, 0.01],
    [1, 1, 0.5],
    [50, 10, 0.25],
    [20, 8, 0.7],
  ])(
    'with minCalls %d, minErrors %d and the rate %d holds for what is chance less than once in a thousand times',
    (minCalls, minErrors, rate) => {
      const holds = evaluate(failsTooOften({ ...read, minCalls, minErrors, rate }), grid);
      for (const [index, { calls, errors }] of grid.entries()) {
        if (holds[index] !== 1) continue;
        expect(tailOf(errors, calls, rate), `${errors} of ${calls}`).toBeLessThan(0.001);
        expect(errors).toBeGreaterThanOrEqual(minErrors);
        expect(calls >= minCalls || 2 * errors >= calls).toBe(true);
      }
    },
  );

  test('holds when all of a few calls fail, and when five times as many of many fail as may', () => {
    const condition = failsTooOften({ ...read, minCalls: 20, minErrors: 3, rate: 0.02 });
    const windows = [
      { calls: 4, errors: 4 },
      { calls: 5, errors: 5 },
      { calls: 100, errors: 10 },
    ];
    expect(evaluate(condition, windows)).toEqual([0, 1, 1]);
  });

  test('holds above the rate only, though the excess is squared', () => {
    const condition = failsTooOften({ ...read, minCalls: 20, minErrors: 3, rate: 0.3 });
    const windows = [3, 35, 52].map((errors) => ({ calls: 100, errors }));
    expect(evaluate(condition, windows)).toEqual([0, 0, 1]);
  });

  test('binds as one operand', () => {
    const condition = failsTooOften({ ...read, minCalls: 20, minErrors: 3, rate: 0.5 });
    expect(evaluate(`${condition} AND 0`, [{ calls: 100, errors: 90 }])).toEqual([0]);
  });
});

describe('what a backtest finds bad in a window is what the alarm does', () => {
  const aWindow = fc.nat(3_000).chain((calls) => fc.record({ calls: fc.constant(calls), errors: fc.nat(calls) }));

  test('of calls that fail', () => {
    const limits = fc.record({
      minCalls: fc.integer({ min: 1, max: 50 }),
      minErrors: fc.integer({ min: 1, max: 10 }),
      rate: fc.integer({ min: 1, max: 99 }).map((percent) => percent / 100),
    });
    fc.assert(
      fc.property(fc.array(aWindow, { minLength: 1, maxLength: 20 }), limits, (windows, given) => {
        const condition = evaluate(`IF(${failsTooOften({ ...read, ...given })}, errors / calls, 0)`, windows);
        expect(windows.map((window) => isFailingWindow(window, given))).toEqual(
          condition.map((share) => share > given.rate),
        );
      }),
    );
  });

  test('of calls that are slow', () => {
    fc.assert(
      fc.property(
        fc.array(aWindow, { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 10 }),
        (windows, minErrors) => {
          const significant = exceedsRateSignificantly('errors', 'calls', BEYOND_P95, DEVIATIONS.threeOfSix);
          const condition = evaluate(`IF(errors >= ${minErrors} AND ${significant}, 1, 0)`, windows);
          expect(windows.map(({ calls, errors }) => isSlowWindow({ calls, slow: errors }, { minErrors }))).toEqual(
            condition.map((isBad) => isBad === 1),
          );
        },
      ),
    );
  });
});
