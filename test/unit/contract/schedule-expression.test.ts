import { expect, test } from 'vitest';
import { parseMute, parseSchedule } from '../../../lambdas/contract/schedule-expression.ts';

const at = (text: string) => Date.parse(`${text}Z`);
const next = (expression: string, after: string, created = '2026-11-20T22:00:30') => {
  const time = parseSchedule(expression, at(created))(at(after));
  return time === undefined ? undefined : new Date(time).toISOString().slice(0, 19);
};

test.each([
  ['rate(5 minutes)', '2026-11-20T22:00:30', '2026-11-20T22:05:30'],
  ['rate(1 hour)', '2026-11-20T22:59:00', '2026-11-20T23:00:30'],
  ['cron(15 3 * * ? *)', '2026-11-20T03:15:00', '2026-11-21T03:15:00'],
  ['cron(0/20 * * * ? *)', '2026-11-20T22:20:00', '2026-11-20T22:40:00'],
  ['cron(0 8 ? * MON-FRI *)', '2026-11-20T09:00:00', '2026-11-23T08:00:00'],
  ['cron(30,10 9-10 ? * 6 2026)', '2026-11-20T09:10:00', '2026-11-20T09:30:00'],
  ['cron(0 2 L * ? *)', '2027-02-01T00:00:00', '2027-02-28T02:00:00'],
  ['cron(0 2 28W * ? *)', '2027-02-01T00:00:00', '2027-02-26T02:00:00'],
  ['cron(0 2 1W * ? *)', '2027-05-01T00:00:00', '2027-05-03T02:00:00'],
  ['cron(0 10 ? * TUE#1 *)', '2026-11-20T00:00:00', '2026-12-01T10:00:00'],
  ['cron(0 10 ? * 6L *)', '2026-11-20T10:00:00', '2026-11-27T10:00:00'],
  ['cron(0 10 ? * L *)', '2026-11-20T10:00:00', '2026-11-21T10:00:00'],
  ['cron(0 0 29 2 ? *)', '2026-11-20T00:00:00', '2028-02-29T00:00:00'],
  ['at(2027-01-31T02:00:00)', '2026-11-20T00:00:00', '2027-01-31T02:00:00'],
  ['at(2026-01-31T02:00:00)', '2026-11-20T00:00:00', undefined],
])('the first time of %s after %s is %s', (expression, after, expected) => {
  expect(next(expression, after)).toBe(expected);
});

test.each([
  ['rate(5 parsecs)', 'write rate(5 minutes)'],
  ['rate(0 minutes)', 'write rate(5 minutes)'],
  ['every 5 minutes', 'write rate(5 minutes)'],
  ['at(2026-13-31T02:00:00)', '2026-13-31T02:00:00 is not a valid time'],
  ['at(2027-01-31T02:00)', '2027-01-31T02:00 is not a valid time; write at(2027-01-31T02:00:00)'],
  ['cron(99 * * * ? *)', '99 is not a valid minute; write 0 to 59'],
  ['cron(0/0 * * * ? *)', '0/0 is not a valid minute'],
  ['cron(0 8 ? * FRI-MON *)', 'the day of the week FRI-MON goes backwards'],
  ['cron(0 8 ? 0 MON *)', '0 is not a valid month; write 1 to 12, or JAN to DEC'],
  ['cron(0 8 * * MON *)', 'a question mark for one of the two days'],
  ['cron(0 8 1 * MON *)', 'a question mark for one of the two days'],
  ['cron(0 8 ? * ? *)', 'a question mark for one of the two days'],
  ['cron(0 8 * * ?)', 'write cron(…) with six fields'],
])('%s is rejected, as by EventBridge Scheduler', (expression, why) => {
  expect(() => parseSchedule(expression, 0)).toThrow(why);
});

test.each([
  ['cron(0 22 * * 5)', '2026-11-20T22:00:00', '2026-11-27T22:00:00'],
  ['cron(0 22 * * SUN)', '2026-11-20T22:00:00', '2026-11-22T22:00:00'],
  ['at(2027-01-31T02:00)', '2026-11-20T00:00:00', '2027-01-31T02:00:00'],
])('a mute with the schedule %s first begins after %s at %s', (expression, after, expected) => {
  expect(parseMute(expression)(at(after))).toBe(at(expected));
});
