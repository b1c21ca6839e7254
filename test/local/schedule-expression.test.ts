import { expect, test } from 'vitest';
import { parseSchedule } from '../../local/schedule-expression.ts';

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
  ['cron(0 0 29 2 ? *)', '2026-11-20T00:00:00', '2028-02-29T00:00:00'],
  ['at(2027-01-31T02:00:00)', '2026-11-20T00:00:00', '2027-01-31T02:00:00'],
  ['at(2026-01-31T02:00:00)', '2026-11-20T00:00:00', undefined],
])('%s after %s comes at %s', (expression, after, expected) => {
  expect(next(expression, after)).toBe(expected);
});

test.each(['rate(5 parsecs)', 'every 5 minutes', 'cron(99 * * * ? *)'])('%s is refused', (expression) => {
  expect(() => parseSchedule(expression, 0)(0)).toThrow(/schedule/);
});
