import { expect, test } from 'vitest';
import { parseMath, type Series } from '../../../emulator/cloudwatch/metric-math.ts';

const PERIODS = [1, 2, 3];
const series = (...values: (number | undefined)[]): Series =>
  new Map(values.flatMap((value, index) => (value === undefined ? [] : [[PERIODS[index] ?? 0, value] as const])));

const computed = (expression: string, inputs: Record<string, Series>) => {
  const value = parseMath(expression)({
    periods: PERIODS,
    series: (id) => inputs[id] ?? new Map(),
  });
  return typeof value === 'number' ? value : PERIODS.map((period) => value.get(period));
};

test('a floor on calls and on errors keeps few failures from being a rate', () => {
  const expression = 'IF(calls >= 20 AND errors >= 3, errors / calls, 0)';
  const inputs = { calls: series(20, 19, 100), errors: series(3, 19, 2) };
  expect(computed(expression, inputs)).toEqual([0.15, 0, 0]);
});

test('a window without data has no value, whatever the other operand says', () => {
  expect(computed('a + b', { a: series(1, undefined, 3), b: series(1, 1, undefined) })).toEqual([
    2,
    undefined,
    undefined,
  ]);
});

test('what is missing is neither true nor false', () => {
  const inputs = { a: series(1, 1), b: series(1, undefined) };
  expect(computed('a >= 0 AND b >= 0', inputs)).toEqual([1, undefined, undefined]);
});

test('FILL stands in for what is missing, also when everything is', () => {
  expect(computed('FILL(a, 0) + FILL(b, 0)', { a: series(1), b: series() })).toEqual([1, 0, 0]);
});

test('what divides by zero has no value', () => {
  expect(computed('a / b', { a: series(1, 1), b: series(0, 2) })).toEqual([undefined, 0.5, undefined]);
});

test('products come before sums, sums before comparisons, comparisons before AND, AND before OR', () => {
  expect(computed('1 + 2 * 3 > 6 AND 0 > 1 OR 2 - 1 - 1 == 0', {})).toBe(1);
});

test('a function nobody here knows is refused by its name', () => {
  expect(() => parseMath('ANOMALY_DETECTION_BAND(m1, 2)')).toThrow('ANOMALY_DETECTION_BAND');
});

test('half an expression is refused', () => {
  expect(() => parseMath('IF(calls > 1, 2')).toThrow('wants )');
});
