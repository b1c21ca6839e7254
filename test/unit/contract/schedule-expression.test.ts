import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMute, parseSchedule } from '../../../lambdas/contract/schedule-expression.ts';
import { findTimeZoneProblem, mondayOf } from '../../../lambdas/contract/time-zone.ts';

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

describe('in a time zone', () => {
  const startsOf = (expression: string, timeZone: string, after: string, count: number) => {
    const find = parseSchedule(expression, 0, timeZone);
    const starts: string[] = [];
    let last: number | undefined = at(after);
    while (starts.length < count && last !== undefined) {
      last = find(last);
      if (last !== undefined) starts.push(new Date(last).toISOString().slice(0, 16));
    }
    return starts;
  };

  test.each([
    ['cron(0 8 ? * MON *)', 'Europe/Berlin', '2027-03-16T00:00:00', ['2027-03-22T07:00', '2027-03-29T06:00']],
    ['cron(0 8 ? * MON *)', 'Europe/Berlin', '2026-10-14T00:00:00', ['2026-10-19T06:00', '2026-10-26T07:00']],
    ['cron(0 8 ? * MON *)', 'Asia/Kolkata', '2026-11-24T00:00:00', ['2026-11-30T02:30', '2026-12-07T02:30']],
    ['cron(0 8 ? * MON *)', 'Pacific/Auckland', '2026-11-24T00:00:00', ['2026-11-29T19:00', '2026-12-06T19:00']],
    // Clocks are put forward at two: half past two is left out on that day.
    ['cron(30 2 * * ? *)', 'Europe/Berlin', '2027-03-27T00:00:00', ['2027-03-27T01:30', '2027-03-29T00:30']],
    // They are put back at three: half past two comes twice.
    ['cron(30 2 * * ? *)', 'Europe/Berlin', '2026-10-24T12:00:00', ['2026-10-25T00:30', '2026-10-26T01:30']],
    ['cron(30 2 * * ? *)', 'Europe/Berlin', '2026-10-25T01:10:00', ['2026-10-26T01:30']],
    ['at(2027-07-01T08:00:00)', 'Europe/Berlin', '2026-11-20T00:00:00', ['2027-07-01T06:00']],
    ['rate(6 hours)', 'Europe/Berlin', '2027-03-28T00:00:00', ['2027-03-28T06:00', '2027-03-28T12:00']],
  ])('%s of %s after %s starts at %j', (expression, timeZone, after, expected) => {
    expect(startsOf(expression, timeZone, after, expected.length)).toEqual(expected);
  });

  const ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Antarctica/Troll', 'Africa/Cairo', 'UTC'];
  test('a start is after the one before, and shows the hour and minute that the expression names', () => {
    const zone = fc.constantFrom(...ZONES);
    const time = fc.record({ hour: fc.integer({ min: 0, max: 23 }), minute: fc.integer({ min: 0, max: 59 }) });
    const after = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2028, 0) });
    fc.assert(
      fc.property(zone, time, after, (timeZone, { hour, minute }, instant) => {
        const start = parseSchedule(`cron(${minute} ${hour} * * ? *)`, 0, timeZone)(instant) ?? Number.NaN;
        expect(start).toBeGreaterThan(instant);
        expect(start - instant).toBeLessThanOrEqual(50 * 3_600_000);
        const shown = new Intl.DateTimeFormat('de', { timeZone, hour: '2-digit', minute: '2-digit' }).format(start);
        expect(shown.split(':').map(Number)).toEqual([hour, minute]);
      }),
    );
  });
});

test.each([
  ['Europe/Berlin', undefined],
  ['America/Argentina/Buenos_Aires', undefined],
  ['Asia/Kolkata', undefined],
  ['US/Pacific', undefined],
  ['UTC', undefined],
  ['europe/berlin', 'write Europe/Berlin'],
  ['Berlin', 'write the name of a time zone, such as Europe/Berlin or UTC'],
  ['+01:00', 'write the name of a time zone, such as Europe/Berlin or UTC'],
  ['', 'write the name of a time zone, such as Europe/Berlin or UTC'],
])('of the time zone %j is said: %s', (name, problem) => {
  expect(findTimeZoneProblem(name)).toBe(problem);
});

test.each([
  ['2026-11-30T00:00:00', 'UTC', '2026-11-30'],
  ['2026-11-29T23:59:59', 'UTC', '2026-11-23'],
  // Berlin's Monday has begun.
  ['2026-11-29T23:00:00', 'Europe/Berlin', '2026-11-30'],
  ['2026-11-30T04:00:00', 'America/New_York', '2026-11-23'],
])('the week of %s in %s began on %s', (instant, timeZone, monday) => {
  expect(mondayOf(at(instant), timeZone)).toBe(monday);
});
