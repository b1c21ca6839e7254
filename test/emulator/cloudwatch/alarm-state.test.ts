import { describe, expect, test } from 'vitest';
import {
  type AlarmState,
  type Datapoint,
  evaluateAlarm,
  samplesNeeded,
} from '../../../emulator/cloudwatch/alarm-state.ts';

/** As the documentation draws them: `0` is fine, `X` breaches, `-` is missing; the newest on the right. */
const pointsOf = (drawn: string): Datapoint[] =>
  drawn.split(' ').map((one) => (one === '-' ? undefined : one === 'X' ? 1 : 0));

const judged = (drawn: string, missing: 'missing' | 'ignore' | 'breaching' | 'notBreaching', badWindows: number) => {
  const rule = { badWindows, windows: 3, missing, breaches: (value: number) => value > 0 };
  const from = (current: AlarmState) => evaluateAlarm(pointsOf(drawn), rule, current);
  return from('OK') === from('ALARM') ? from('OK') : 'retained';
};

const NOTHING = 'INSUFFICIENT_DATA';

describe('the documented table for 3 of 3 datapoints', () => {
  test.each([
    ['0 - X - X', 'OK', 'OK', 'OK', 'OK'],
    ['0 - - - -', 'OK', 'OK', 'OK', 'OK'],
    ['- - - - -', NOTHING, 'retained', 'ALARM', 'OK'],
    ['0 X X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['- - X - -', 'ALARM', 'retained', 'ALARM', 'OK'],
  ])('%s is %s, %s, %s, %s for missing, ignore, breaching, notBreaching', (drawn, missing, ignore, breaching, fine) => {
    expect(judged(drawn, 'missing', 3)).toBe(missing);
    expect(judged(drawn, 'ignore', 3)).toBe(ignore);
    expect(judged(drawn, 'breaching', 3)).toBe(breaching);
    expect(judged(drawn, 'notBreaching', 3)).toBe(fine);
  });
});

describe('the documented table for 2 of 3 datapoints', () => {
  test.each([
    ['0 - X - X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 0 X 0 X', 'ALARM', 'ALARM', 'ALARM', 'ALARM'],
    ['0 - X - -', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - - 0', 'OK', 'OK', 'ALARM', 'OK'],
    ['- - - X -', 'ALARM', 'retained', 'ALARM', 'OK'],
  ])('%s is %s, %s, %s, %s for missing, ignore, breaching, notBreaching', (drawn, missing, ignore, breaching, fine) => {
    expect(judged(drawn, 'missing', 2)).toBe(missing);
    expect(judged(drawn, 'ignore', 2)).toBe(ignore);
    expect(judged(drawn, 'breaching', 2)).toBe(breaching);
    expect(judged(drawn, 'notBreaching', 2)).toBe(fine);
  });
});

test('one fresh bad datapoint beside nothing raises no alarm yet', () => {
  expect(judged('- - - - X', 'missing', 2)).toBe('retained');
});

test.each([
  [50, 20],
  [95, 200],
  [99, 1_000],
  [10, 100],
])('the percentile p%d means something from %d values on', (percentile, needed) => {
  expect(samplesNeeded(percentile)).toBe(needed);
});
