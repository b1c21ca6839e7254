import { describe, expect, test } from 'vitest';
import {
  type AlarmState,
  type Datapoint,
  evaluateAlarm,
  minSamplesFor,
} from '../../../emulator/cloudwatch/alarm-state.ts';

/** The notation of the documentation: `0` is good, `X` breaches, `-` is missing; the newest is on the right. */
const DATAPOINTS: Record<string, Datapoint> = { '0': 0, X: 1, '-': undefined };

type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

const stateAfter = (notation: string, missingData: MissingData, breachingWindows: number) => {
  const points = notation.split(' ').map((symbol) => DATAPOINTS[symbol]);
  const evaluation = { breachingWindows, windows: 3, missingData, breaches: (value: number) => value > 0 };
  const from = (current: AlarmState) => evaluateAlarm(points, evaluation, current);
  return from('OK') === from('ALARM') ? from('OK') : 'retained';
};

const NO_DATA = 'INSUFFICIENT_DATA';

describe('the documented table for 3 of 3 datapoints', () => {
  test.each([
    ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
    ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', NO_DATA, 'retained', 'ALARM', 'OK'],
    ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 'ALARM', 'retained', 'ALARM', 'OK'],
  ])(
    '%s is %s, %s, %s, %s for missing, ignore, breaching, notBreaching',
    (points, missing, ignore, breaching, good) => {
      expect(stateAfter(points, 'missing', 3)).toBe(missing);
      expect(stateAfter(points, 'ignore', 3)).toBe(ignore);
      expect(stateAfter(points, 'breaching', 3)).toBe(breaching);
      expect(stateAfter(points, 'notBreaching', 3)).toBe(good);
    },
  );
});

describe('the documented table for 2 of 3 datapoints', () => {
  test.each([
    ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - X -', 'ALARM', 'retained', 'ALARM', 'OK'],
  ])(
    '%s is %s, %s, %s, %s for missing, ignore, breaching, notBreaching',
    (points, missing, ignore, breaching, good) => {
      expect(stateAfter(points, 'missing', 2)).toBe(missing);
      expect(stateAfter(points, 'ignore', 2)).toBe(ignore);
      expect(stateAfter(points, 'breaching', 2)).toBe(breaching);
      expect(stateAfter(points, 'notBreaching', 2)).toBe(good);
    },
  );
});

test('a single new breaching datapoint with nothing before it does not raise the alarm yet', () => {
  expect(stateAfter('- - - - X', 'missing', 2)).toBe('retained');
});

test.each([
  [50, 20],
  [95, 200],
  [99, 1_000],
  [10, 100],
])('the percentile p%d means something with %d values or more', (percentile, minimum) => {
  expect(minSamplesFor(percentile)).toBe(minimum);
});
