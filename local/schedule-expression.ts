/** When a schedule starts its target next: strictly after `after`; nothing when never again. Milliseconds since the epoch, in UTC. */
export type Next = (after: number) => number | undefined;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const UNITS_MS: Record<string, number> = { minute: MINUTE_MS, hour: 3_600_000, day: DAY_MS };
/** How far ahead a cron expression is searched: four years hold every date there is. */
const SEARCHED_DAYS = 366 * 4;

/** The numbers one field of a cron expression allows. */
const allowed = (field: string, least: number, most: number, names: readonly string[] = []): Set<number> => {
  const number = (text: string): number => {
    const named = names.indexOf(text.toUpperCase());
    const value = named >= 0 ? named + least : Number(text);
    if (!Number.isInteger(value) || value < least || value > most) throw new Error(`a schedule cannot say ${field}`);
    return value;
  };
  const values = new Set<number>();
  for (const part of field.split(',')) {
    const [range = '', step] = part.split('/');
    const [from = '', to] = range === '*' || range === '?' ? [String(least), String(most)] : range.split('-');
    const last = to === undefined ? (step === undefined ? number(from) : most) : number(to);
    for (let value = number(from); value <= last; value += Number(step ?? 1)) values.add(value);
  }
  return values;
};

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Six fields: minutes, hours, day of month, month, day of week (1 is Sunday), year. */
const cron = (fields: string[]): Next => {
  const [minutes = '', hours = '', days = '', months = '', weekdays = '', years = ''] = fields;
  if (fields.length !== 6) throw new Error('a cron schedule has six fields');
  const at = {
    minutes: allowed(minutes, 0, 59),
    hours: allowed(hours, 0, 23),
    days: allowed(days, 1, 31),
    months: allowed(months, 1, 12, MONTHS),
    weekdays: allowed(weekdays, 1, 7, WEEKDAYS),
    years: allowed(years, 1970, 2199),
  };
  const isDay = (day: Date) =>
    at.years.has(day.getUTCFullYear()) &&
    at.months.has(day.getUTCMonth() + 1) &&
    at.days.has(day.getUTCDate()) &&
    at.weekdays.has(day.getUTCDay() + 1);
  return (after) => {
    const first = new Date(after);
    first.setUTCHours(0, 0, 0, 0);
    for (let day = 0; day < SEARCHED_DAYS; day += 1) {
      const midnight = first.getTime() + day * DAY_MS;
      if (!isDay(new Date(midnight))) continue;
      for (const hour of [...at.hours].sort((a, b) => a - b)) {
        for (const minute of [...at.minutes].sort((a, b) => a - b)) {
          const time = midnight + (hour * 60 + minute) * MINUTE_MS;
          if (time > after) return time;
        }
      }
    }
    return undefined;
  };
};

/** Reads `rate(5 minutes)`, `cron(15 3 * * ? *)` or `at(2027-01-31T02:00:00)`; `created` is when the schedule was. */
export const parseSchedule = (expression: string, created: number): Next => {
  const [, kind, inside = ''] = /^(rate|cron|at)\((.+)\)$/.exec(expression) ?? [];
  if (kind === 'cron') return cron(inside.split(/\s+/));
  if (kind === 'at') {
    const time = Date.parse(`${inside}Z`);
    return (after) => (time > after ? time : undefined);
  }
  const [, count, unit = ''] = /^(\d+) (minute|hour|day)s?$/.exec(inside) ?? [];
  const every = Number(count) * (UNITS_MS[unit] ?? Number.NaN);
  if (kind !== 'rate' || !(every > 0)) throw new Error(`The local run cannot read the schedule ${expression}`);
  return (after) => created + (Math.floor((after - created) / every) + 1) * every;
};
