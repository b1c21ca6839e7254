import { DAY_MS } from './durations.ts';

/** What clocks show at an instant. Both are milliseconds since 1970; what clocks show is written as if it were UTC. */
type Clocks = (instant: number) => number;

/** An offset, which `Intl` takes for a time zone and AWS does not. */
const OFFSET = /^[+-]/;

/** A sentence that says what to write instead of what is not the name of a time zone; undefined where it is one. */
export const findTimeZoneProblem = (name: string): string | undefined => {
  const advice = 'write the name of a time zone, such as Europe/Berlin or UTC';
  if (OFFSET.test(name)) return advice;
  try {
    const { timeZone } = new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions();
    // `Intl` takes a name in any case, and AWS does not; of another name for a zone it does not say how it is written.
    if (timeZone !== name && timeZone.toLowerCase() === name.toLowerCase()) return `write ${timeZone}`;
    return /(^|\/)[a-z]/.test(name) ? advice : undefined;
  } catch {
    return advice;
  }
};

/** What clocks in a time zone show. Throws a `RangeError` for what is no name of one. */
export const clocksIn = (timeZone: string): Clocks => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const parts = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const [year = 0, month = 1, ...rest] = (['year', 'month', 'day', 'hour', 'minute', 'second'] as const).map(
      (type) => parts.get(type) ?? 0,
    );
    const [day, hour, minute, second] = rest;
    return Date.UTC(year, month - 1, day, hour, minute, second) + (((instant % 1_000) + 1_000) % 1_000);
  };
};

/** The first instant at which clocks show a time; undefined where they never do, because they are put forward. */
export const instantOf = (shown: number, clocks: Clocks): number | undefined => {
  const offsets = [shown - DAY_MS, shown + DAY_MS].map((near) => clocks(near) - near);
  const instants = offsets.map((offset) => shown - offset).filter((instant) => clocks(instant) === shown);
  return instants.length > 0 ? Math.min(...instants) : undefined;
};

/** The day on which the week of an instant began in a time zone: a Monday, `2026-11-30`. */
export const mondayOf = (instant: number, timeZone: string): string => {
  const day = Math.floor(clocksIn(timeZone)(instant) / DAY_MS);
  // 1 January 1970 was a Thursday.
  return new Date((day - ((day + 3) % 7)) * DAY_MS).toISOString().slice(0, 10);
};
