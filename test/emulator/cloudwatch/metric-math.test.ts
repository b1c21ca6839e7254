import { expect, test } from 'vitest';
import { type MissingOperand, parseMath, type Series } from '../../../emulator/cloudwatch/metric-math.ts';

const PERIODS = [1, 2, 3];
const series = (...values: (number | undefined)[]): Series =>
  new Map(values.flatMap((value, index) => (value === undefined ? [] : [[PERIODS[index] ?? 0, value] as const])));

const compute = (expression: string, inputs: Record<string, Series>, missingOperand?: MissingOperand) => {
  const value = parseMath(expression)({
    periods: PERIODS,
    ...(missingOperand && { missingOperand }),
    series: (id) => inputs[id] ?? new Map(),
  });
  return typeof value === 'number' ? value : PERIODS.map((period) => value.get(period));
};

test('IF with minimum calls and errors gives 0 instead of a rate of few failures', () => {
  const expression = 'IF(calls >= 20 AND errors >= 3, errors / calls, 0)';
  const inputs = { calls: series(20, 19, 100), errors: series(3, 19, 2) };
  expect(compute(expression, inputs)).toEqual([0.15, 0, 0]);
});

test('a window in which one operand is missing has no value', () => {
  expect(compute('a + b', { a: series(1, undefined, 3), b: series(1, 1, undefined) })).toEqual([
    2,
    undefined,
    undefined,
  ]);
});

test('with missing operands 0, a window has a value in which any operand has one', () => {
  const inputs = { a: series(1, undefined, undefined), b: series(1, 2, undefined) };
  expect(compute('a + b', inputs, 'zero')).toEqual([2, 2, undefined]);
  expect(compute('a >= 0 AND b >= 1', inputs, 'zero')).toEqual([1, 0, undefined]);
  expect(compute('IF(a, b, 7)', inputs, 'zero')).toEqual([1, 7, undefined]);
  expect(compute('IF(b, a, 7)', inputs, 'zero')).toEqual([1, 0, undefined]);
  expect(compute('MAX(a, b)', inputs, 'zero')).toEqual([1, 2, undefined]);
});

test('a comparison of a missing value is missing, not false', () => {
  const inputs = { a: series(1, 1), b: series(1, undefined) };
  expect(compute('a >= 0 AND b >= 0', inputs)).toEqual([1, undefined, undefined]);
});

test('FILL replaces missing values, even when all are missing', () => {
  expect(compute('FILL(a, 0) + FILL(b, 0)', { a: series(1), b: series() })).toEqual([1, 0, 0]);
});

test('a division by zero has no value', () => {
  expect(compute('a / b', { a: series(1, 1), b: series(0, 2) })).toEqual([undefined, 0.5, undefined]);
});

test('products bind closer than sums, sums than comparisons, comparisons than AND, AND than OR', () => {
  expect(compute('1 + 2 * 3 > 6 AND 0 > 1 OR 2 - 1 - 1 == 0', {})).toBe(1);
});

test('a function that the emulator does not support is refused, and the error names it', () => {
  expect(() => parseMath('ANOMALY_DETECTION_BAND(m1, 2)')).toThrow('ANOMALY_DETECTION_BAND');
});

test('an incomplete expression is refused', () => {
  expect(() => parseMath('IF(calls > 1, 2')).toThrow('needs ) in place of its end');
});
