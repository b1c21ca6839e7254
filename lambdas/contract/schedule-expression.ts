/**
 * Schedules as AWS reads them: EventBridge Scheduler's ("Schedule types in EventBridge Scheduler"), and CloudWatch's for mutes
 * ("Schedule" in its API reference), whose cron has a field less, counts weekdays from 0 and knows neither `?` nor `/`.
 */

/** When it is time next: strictly after `after`; nothing when never again. Milliseconds since the epoch, in UTC. */
export type Next = (after: number) => number | undefined;

/** An expression that AWS would refuse. Its message says what to write instead. */
export class InvalidSchedule extends Error {
  override name = 'WrongSchedule';
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const UNITS_MS: Record<string, number> = { minute: MINUTE_MS, hour: 3_600_000, day: DAY_MS };
/** How far ahead a cron expression is searched: four years hold every date there is. */
const SEARCHED_DAYS = 366 * 4;

interface Field {
  readonly what: string;
  readonly least: number;
  readonly most: number;
  readonly names?: readonly string[];
}

const MINUTE: Field = { what: 'minute', least: 0, most: 59 };
const HOUR: Field = { what: 'hour', least: 0, most: 23 };
const DAY: Field = { what: 'day of the month', least: 1, most: 31 };
const MONTH: Field = {
  what: 'month',
  least: 1,
  most: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
const WEEKDAY: Field = {
  what: 'day of the week',
  least: 1,
  most: 7,
  names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'],
};
const WEEKDAY_FROM_0: Field = { ...WEEKDAY, least: 0, most: 6 };
const YEAR: Field = { what: 'year', least: 1970, most: 2199 };
const SATURDAY = 7;

const numberIn = ({ what, least, most, names = [] }: Field, text: string): number => {
  const named = names.indexOf(text.toUpperCase());
  const value = named >= 0 ? named + least : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const orNames = names.length > 0 ? `, or ${names[0]} to ${names.at(-1)}` : '';
  throw new InvalidSchedule(`no ${what} is ${text}; write ${least} to ${most}${orNames}`);
};

/** The numbers a field allows, the least first. */
const allowed = (field: Field, text: string): Set<number> => {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const [range = '', step, ...more] = part.split('/');
    const [first = '', last, ...beyond] = range.split('-');
    if (more.length > 0 || beyond.length > 0 || (step !== undefined && !/^[1-9]\d*$/.test(step))) {
      throw new InvalidSchedule(`no ${field.what} is ${part}; write ranges such as 1-5 and steps such as 0/20`);
    }
    const from = range === '*' ? field.least : numberIn(field, first);
    const alone = step === undefined && range !== '*';
    const to = last !== undefined ? numberIn(field, last) : alone ? from : field.most;
    if (to < from) throw new InvalidSchedule(`the ${field.what} ${range} goes backwards; write the lesser one first`);
    for (let value = from; value <= to; value += Number(step ?? 1)) values.add(value);
  }
  return new Set([...values].sort((a, b) => a - b));
};

type IsDay = (date: Date) => boolean;

const lastOfMonth = (date: Date): number =>
  new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();

/** The weekday nearest to a day of the month, in the same month. */
const workdayNear = (date: Date, day: number): number => {
  const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day)).getUTCDay();
  if (weekday === 6) return day > 1 ? day - 1 : day + 2;
  if (weekday === 0) return day < lastOfMonth(date) ? day + 1 : day - 2;
  return day;
};

const dayOfMonth = (text: string): IsDay => {
  if (text === 'L') return (date) => date.getUTCDate() === lastOfMonth(date);
  const [, near] = /^(\d+)W$/.exec(text) ?? [];
  if (near !== undefined) {
    const day = numberIn(DAY, near);
    return (date) => date.getUTCDate() === workdayNear(date, day);
  }
  const days = allowed(DAY, text);
  return (date) => days.has(date.getUTCDate());
};

const dayOfWeek = (text: string): IsDay => {
  const [, one = '', nth] = /^(.+)(?:#([1-5])|(?<!^)L)$/.exec(text) ?? [];
  if (one !== '') {
    const weekday = numberIn(WEEKDAY, one);
    const isNth: IsDay =
      nth === undefined
        ? (date) => date.getUTCDate() + 7 > lastOfMonth(date)
        : (date) => Math.ceil(date.getUTCDate() / 7) === Number(nth);
    return (date) => date.getUTCDay() + 1 === weekday && isNth(date);
  }
  const weekdays = text === 'L' ? new Set([SATURDAY]) : allowed(WEEKDAY, text);
  return (date) => weekdays.has(date.getUTCDay() + 1);
};

interface Times {
  minutes: ReadonlySet<number>;
  hours: ReadonlySet<number>;
  isDay: IsDay;
}

const nextOf =
  ({ minutes, hours, isDay }: Times): Next =>
  (after) => {
    const first = new Date(after).setUTCHours(0, 0, 0, 0);
    for (let day = 0; day < SEARCHED_DAYS; day += 1) {
      const midnight = first + day * DAY_MS;
      if (!isDay(new Date(midnight))) continue;
      for (const hour of hours) {
        for (const minute of minutes) {
          const time = midnight + (hour * 60 + minute) * MINUTE_MS;
          if (time > after) return time;
        }
      }
    }
    return undefined;
  };

const insideOf = (kind: string, expression: string): string | undefined =>
  new RegExp(`^${kind}\\((.+)\\)$`).exec(expression)?.[1];

const fieldsOf = (expression: string): string[] | undefined => insideOf('cron', expression)?.trim().split(/\s+/);

/** Six fields: minute, hour, day of month, month, day of week (1 is Sunday), year; of both days one is `?`. Throws `WrongSchedule`. */
export const parseCron = (expression: string): Next => {
  const fields = fieldsOf(expression);
  const [minutes = '', hours = '', days = '', months = '', weekdays = '', years = ''] = fields ?? [];
  if (fields?.length !== 6 || (days === '?') === (weekdays === '?')) {
    throw new InvalidSchedule(
      'write cron(…) with six fields, one of both days a question mark, such as cron(0 10 ? * TUE *)',
    );
  }
  const isInMonth = allowed(MONTH, months);
  const isInYear = allowed(YEAR, years);
  const isOfDays = days === '?' ? dayOfWeek(weekdays) : dayOfMonth(days);
  return nextOf({
    minutes: allowed(MINUTE, minutes),
    hours: allowed(HOUR, hours),
    isDay: (date) => isInYear.has(date.getUTCFullYear()) && isInMonth.has(date.getUTCMonth() + 1) && isOfDays(date),
  });
};

/** `at(…)` with the time written so far as `like` is. */
const parseAt = (expression: string, like: string): Next | undefined => {
  const inside = insideOf('at', expression);
  if (inside === undefined) return undefined;
  const time = Date.parse(`${inside}Z`);
  // A 30th of February is read as a day of March.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, like.length) !== inside) {
    throw new InvalidSchedule(`there is no time ${inside}; write at(${like})`);
  }
  return (after) => (time > after ? time : undefined);
};

/** As EventBridge Scheduler: `rate(5 minutes)`, cron, or `at(2027-01-31T02:00:00)`; a rate counts from `created`. Throws `WrongSchedule`. */
export const parseSchedule = (expression: string, created: number): Next => {
  if (expression.startsWith('cron')) return parseCron(expression);
  const at = parseAt(expression, '2027-01-31T02:00:00');
  if (at) return at;
  const [, count, unit = ''] = /^rate\(([1-9]\d*) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const every = Number(count) * (UNITS_MS[unit] ?? Number.NaN);
  if (!(every > 0)) throw new InvalidSchedule('write rate(5 minutes), cron(0 10 ? * TUE *) or at(2027-01-31T02:00:00)');
  return (after) => created + (Math.floor((after - created) / every) + 1) * every;
};

/** As CloudWatch for mutes: five fields, Sunday is 0, or `at(2027-01-31T02:00)`. Throws `WrongSchedule`. */
export const parseMute = (expression: string): Next => {
  const at = parseAt(expression, '2027-01-31T02:00');
  if (at) return at;
  const fields = fieldsOf(expression);
  const [minutes = '', hours = '', days = '', months = '', weekdays = ''] = fields ?? [];
  if (fields?.length !== 5 || expression.includes('/')) {
    throw new InvalidSchedule(
      'write cron(…) with five fields and no steps, such as cron(0 2 * * 6), or once at(2027-01-31T02:00)',
    );
  }
  const isOfDays = allowed(DAY, days);
  const isInMonth = allowed(MONTH, months);
  const isOfWeekdays = allowed(WEEKDAY_FROM_0, weekdays);
  return nextOf({
    minutes: allowed(MINUTE, minutes),
    hours: allowed(HOUR, hours),
    isDay: (date) =>
      isInMonth.has(date.getUTCMonth() + 1) && isOfDays.has(date.getUTCDate()) && isOfWeekdays.has(date.getUTCDay()),
  });
};
