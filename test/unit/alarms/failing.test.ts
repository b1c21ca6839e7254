import { describe, expect, test } from 'vitest';
import { parseMath, type Series } from '../../../emulator/cloudwatch/metric-math.ts';
import { failsTooOften } from '../../../lib/alarms/failing.ts';

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

/** The expressions that the one builder replaced, as the tools' and the providers' alarms wrote them. */
const formerSignificance = (rate: number) =>
  `(errors - ${rate} * calls) * (errors - ${rate} * calls) >= ${+(4 * rate).toFixed(6)} * calls`;
const formerTool = (minCalls: number, minErrors: number, rate: number) =>
  `(calls >= ${minCalls} AND errors >= ${minErrors} AND ${formerSignificance(rate)})` +
  ` OR (errors >= ${Math.max(5, minErrors)} AND 2 * errors >= calls)`;
const formerProvider = (rate: number) =>
  `((calls >= 20 AND errors >= 3 AND errors > ${rate} * calls AND ${formerSignificance(rate)})` +
  ` OR (errors >= 5 AND 2 * errors >= calls))`;

describe('the condition that calls fail too often', () => {
  test.each([
    [20, 3, 0.1],
    [20, 3, 0.02],
    [5, 1, 0.01],
    [1, 1, 0.5],
    [50, 10, 0.25],
    [20, 8, 0.7],
  ])(
    'leaves the alarm of a tool with minCalls %d, minErrors %d and the rate %d as it was',
    (minCalls, minErrors, rate) => {
      const fires = (condition: string) =>
        evaluate(`IF(${condition}, errors / calls, 0)`, grid).map((value) => value > rate);
      const fired = fires(formerTool(minCalls, minErrors, rate));
      expect(fired).toContain(true);
      expect(fires(failsTooOften({ ...read, minCalls, minErrors, rate }))).toEqual(fired);
    },
  );

  test('is for a provider exactly what it was', () => {
    const condition = failsTooOften({ ...read, minCalls: 20, minErrors: 3, rate: 0.1 });
    expect(evaluate(condition, grid)).toEqual(evaluate(formerProvider(0.1), grid));
  });

  test('holds above the rate only, though the excess is squared', () => {
    const condition = failsTooOften({ ...read, minCalls: 20, minErrors: 3, rate: 0.3 });
    const windows = [3, 35, 45].map((errors) => ({ calls: 100, errors }));
    expect(evaluate(condition, windows)).toEqual([0, 0, 1]);
  });

  test('binds as one operand', () => {
    const condition = failsTooOften({ ...read, minCalls: 20, minErrors: 3, rate: 0.5 });
    expect(evaluate(`${condition} AND 0`, [{ calls: 100, errors: 90 }])).toEqual([0]);
  });
});
