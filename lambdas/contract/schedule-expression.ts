import { DAY_MS, HOUR_MS, MINUTE_MS } from './durations.ts';
import { clocksIn, instantOf } from './time-zone.ts';

/**
 * Schedule expressions as AWS defines them: EventBridge Scheduler's ("Schedule types in EventBridge Scheduler"), and
 * CloudWatch's for mutes ("Schedule" in its API reference), whose cron has one field less, counts weekdays from 0 and
 * supports neither `?` nor `/`.
 */

/** The first scheduled time strictly after `after`; undefined when there is none. Milliseconds since 1970, in UTC. */
export type NextTime = (after: number) => number | undefined;

/** An expression that AWS would reject. Its message says what to write instead. */
export class InvalidSchedule extends Error {
  override name = 'InvalidSchedule';
}

const UNITS_MS: Record<string, number> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };
/** How far ahead a cron expression is searched: every date, even 29 February, occurs within four years. */
const MAX_SEARCHED_DAYS = 366 * 4;

interface Field {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** The names of the numbers, starting at `min`. */
  readonly names?: readonly string[];
}

const MINUTE: Field = { label: 'minute', min: 0, max: 59 };
const HOUR: Field = { label: 'hour', min: 0, max: 23 };
const DAY: Field = { label: 'day of the month', min: 1, max: 31 };
const MONTH: Field = {
  label: 'month',
  min: 1,
  max: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const WEEKDAY: Field = {
  label: 'day of the week',
  min: 1,
  max: 7,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};
const WEEKDAY_FROM_0: Field = { ...WEEKDAY, min: 0, max: 6 };
const YEAR: Field = { label: 'year', min: 1970, max: 2199 };
const SATURDAY = 7;

const parseNumber = ({ label, min, max, names = [] }: Field, text: string): number => {
  const index = names.indexOf(text.toUpperCase());
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  const value = index >= 0 ? index + min : number;
  if (value >= min && value <= max) return value;
  const orNames = names.length > 0 ? `, or ${names[0]} to ${names.at(-1)}` : '';
  throw new InvalidSchedule(`${text} is not a valid ${label}; write ${min} to ${max}${orNames}`);
};

/** The numbers allowed by one part of a field: a number or a range, either with or without a step. */
const parseRange = (field: Field, part: string): number[] => {
  const [range = '', step, ...extraSteps] = part.split('/');
  const [first = '', last, ...extraEnds] = range.split('-');
  if (extraSteps.length > 0 || extraEnds.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) {
    throw new InvalidSchedule(`${part} is not a valid ${field.label}; write ranges such as 1-5 and steps such as 0/20`);
  }
  const from = range === '*' ? field.min : parseNumber(field, first);
  const isSingleNumber = step === undefined && range !== '*';
  const defaultEnd = isSingleNumber ? from : field.max;
  const to = last === undefined ? defaultEnd : parseNumber(field, last);
  if (to < from) throw new InvalidSchedule(`the ${field.label} ${range} goes backwards; write the lower value first`);
  const stride = Number(step ?? 1);
  return Array.from({ length: Math.floor((to - from) / stride) + 1 }, (_, index) => from + index * stride);
};

/** The numbers that a field allows, in ascending order. */
const parseField = (field: Field, text: string): Set<number> => {
  const values = text.split(',').flatMap((part) => parseRange(field, part));
  return new Set(values.sort((a, b) => a - b));
};

type IsMatchingDay = (date: Date) => boolean;

const lastDayOfMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** The Monday to Friday nearest to a day of the month, within the same month. */
const findWorkdayNear = (date: Date, day: number): number => {
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) return day > 1 ? day - 1 : day + 2;
  if (weekday === 0) return day < lastDayOfMonth(date) ? day + 1 : day - 2;
  return day;
};

const parseDayOfMonth = (text: string): IsMatchingDay => {
  if (text === 'L') return (date) => date.getUTCDate() === lastDayOfMonth(date);
  const [, nearestTo] = /^(\d+)W$/.exec(text) ?? [];
  if (nearestTo !== undefined) {
    const day = parseNumber(DAY, nearestTo);
    return (date) => date.getUTCDate() === findWorkdayNear(date, day);
  }
  const days = parseField(DAY, text);
  return (date) => days.has(date.getUTCDate());
};

const parseDayOfWeek = (text: string): IsMatchingDay => {
  const [, name = '', nth] = /^(.+)(?:#([1-5])|(?<!^)L)$/.exec(text) ?? [];
  if (name !== '') {
    const weekday = parseNumber(WEEKDAY, name);
    const isNth: IsMatchingDay =
      nth === undefined
        ? (date) => date.getUTCDate() + 7 > lastDayOfMonth(date)
        : (date) => Math.ceil(date.getUTCDate() / 7) === Number(nth);
    return (date) => date.getUTCDay() + 1 === weekday && isNth(date);
  }
  const weekdays = text === 'L' ? new Set([SATURDAY]) : parseField(WEEKDAY, text);
  return (date) => weekdays.has(date.getUTCDay() + 1);
};

interface Times {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  isMatchingDay: IsMatchingDay;
}

const createNextTime =
  ({ minutes, hours, isMatchingDay }: Times): NextTime =>
  (after) => {
    const first = new Date(after).setUTCHours(0, 0, 0, 0);
    for (let day = 0; day < MAX_SEARCHED_DAYS; day += 1) {
      const midnight = first + day * DAY_MS;
      if (!isMatchingDay(new Date(midnight))) continue;
      for (const hour of hours) {
        for (const minute of minutes) {
          const time = midnight + hour * HOUR_MS + minute * MINUTE_MS;
          if (time > after) return time;
        }
      }
    }
    return undefined;
  };

const readParentheses = (kind: string, expression: string): string | undefined =>
  new RegExp(`^${kind}\\((.+)\\)$`).exec(expression)?.[1];

const splitCron = (expression: string): string[] => readParentheses('cron', expression)?.trim().split(/\s+/) ?? [];

/**
 * Parses EventBridge Scheduler's cron, six fields: minute, hour, day of month, month, day of week (1 is Sunday), year;
 * one of the two days is `?`. Throws `InvalidSchedule`.
 */
export const parseCron = (expression: string): NextTime => {
  const fields = splitCron(expression);
  const [minutes = '', hours = '', days = '', months = '', weekdays = '', years = ''] = fields;
  if (fields.length !== 6 || (days === '?') === (weekdays === '?')) {
    throw new InvalidSchedule(
      'write cron(…) with six fields and a question mark for one of the two days, such as cron(0 10 ? * TUE *)',
    );
  }
  const allowedMonths = parseField(MONTH, months);
  const allowedYears = parseField(YEAR, years);
  const isAllowedDay = days === '?' ? parseDayOfWeek(weekdays) : parseDayOfMonth(days);
  return createNextTime({
    minutes: parseField(MINUTE, minutes),
    hours: parseField(HOUR, hours),
    isMatchingDay: (date) =>
      allowedYears.has(date.getUTCFullYear()) && allowedMonths.has(date.getUTCMonth() + 1) && isAllowedDay(date),
  });
};

/** Parses `at(…)` with a time in the format of `example`; undefined for any other expression. */
const parseAt = (expression: string, example: string): NextTime | undefined => {
  const text = readParentheses('at', expression);
  if (text === undefined) return undefined;
  const time = Date.parse(`${text}Z`);
  // Date.parse reads 30 February as a day in March.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, example.length) !== text) {
    throw new InvalidSchedule(`${text} is not a valid time; write at(${example})`);
  }
  return (after) => (time > after ? time : undefined);
};

/**
 * The times that clocks in a time zone show ("Time zones" and "Daylight saving time" in the guide of EventBridge
 * Scheduler): one that is left out when they are put forward is skipped, and one that comes twice when they are put back
 * is used once. Which of the two that is AWS does not say; here it is the first.
 */
const inTimeZone = (next: NextTime, timeZone: string): NextTime => {
  if (timeZone === 'UTC') return next;
  const clocks = clocksIn(timeZone);
  return (after) => {
    for (let shown = next(clocks(after)); shown !== undefined; shown = next(shown)) {
      const instant = instantOf(shown, clocks);
      if (instant !== undefined && instant > after) return instant;
    }
    return undefined;
  };
};

/**
 * Parses EventBridge Scheduler's expressions: `rate(5 minutes)`, cron, or `at(2027-01-31T02:00:00)`; a rate counts from
 * `created`, and the others are what clocks in the time zone show. Throws `InvalidSchedule`.
 */
export const parseSchedule = (expression: string, created: number, timeZone = 'UTC'): NextTime => {
  if (expression.startsWith('cron')) return inTimeZone(parseCron(expression), timeZone);
  const at = parseAt(expression, '2027-01-31T02:00:00');
  if (at) return inTimeZone(at, timeZone);
  const [, count, unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const intervalMs = Number(count) * (UNITS_MS[unit] ?? Number.NaN);
  if (!(intervalMs > 0)) {
    throw new InvalidSchedule('write rate(5 minutes), cron(0 10 ? * TUE *) or at(2027-01-31T02:00:00)');
  }
  return (after) => created + (Math.floor((after - created) / intervalMs) + 1) * intervalMs;
};

/**
 * Parses CloudWatch's expressions for mutes: cron with five fields, Sunday is 0, or `at(2027-01-31T02:00)`. Throws
 * `InvalidSchedule`.
 */
export const parseMute = (expression: string): NextTime => {
  const at = parseAt(expression, '2027-01-31T02:00');
  if (at) return at;
  const fields = splitCron(expression);
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = fields;
  if (fields.length !== 5 || expression.includes('/')) {
    throw new InvalidSchedule(
      'write cron(…) with five fields and no steps, such as cron(0 2 * * 6), or at(2027-01-31T02:00) for a single time',
    );
  }
  const allowedDays = parseField(DAY, days);
  const allowedMonths = parseField(MONTH, months);
  const allowedWeekdays = parseField(WEEKDAY_FROM_0, weekdays);
  return createNextTime({
    minutes: parseField(MINUTE, minutes),
    hours: parseField(HOUR, hours),
    isMatchingDay: (date) =>
      allowedMonths.has(date.getUTCMonth() + 1) &&
      allowedDays.has(date.getUTCDate()) &&
      allowedWeekdays.has(date.getUTCDay()),
  });
};
