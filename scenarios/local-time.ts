import * as z from 'zod';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day such as 08:30');

const createFormat = (zone: string) =>
  new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });

const isZone = (zone: string): boolean => {
  try {
    createFormat(zone);
    return true;
  } catch {
    return false;
  }
};

/** Times on the clock of a place, which moves with its daylight saving time. */
export const localTime = z.strictObject({
  zone: z.string().refine(isZone, 'expected a time zone such as Europe/Berlin'),
  days: z.array(z.enum(DAYS)).min(1).optional().describe('By default each day; of a night, the day on which it begins'),
  from: timeOfDay.default('00:00'),
  until: timeOfDay.default('00:00').describe('Not later than from: on the next day'),
});
type LocalTime = z.output<typeof localTime>;

const MINUTES_A_DAY = 1_440;

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

const formats = new Map<string, Intl.DateTimeFormat>();

/** The day of the week and the minute of the day that clocks of a zone show. */
const readClock = (zone: string, at: number): { day: number; minute: number } => {
  const format = formats.get(zone) ?? createFormat(zone);
  formats.set(zone, format);
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    day: (DAYS as readonly string[]).indexOf(parts.weekday ?? ''),
    minute: Number(parts.hour) * 60 + Number(parts.minute),
  };
};

/** Whether it is one of these times, `at` milliseconds since 1970. */
export const isLocalTime = ({ zone, days, from, until }: LocalTime, at: number): boolean => {
  const { day, minute } = readClock(zone, at);
  const begins = minuteOf(from);
  const ends = minuteOf(until) > begins ? minuteOf(until) : minuteOf(until) + MINUTES_A_DAY;
  const isOn = (dayOfWeek: number) => days === undefined || days.some((name) => name === DAYS[dayOfWeek]);
  const isToday = minute >= begins && minute < ends && isOn(day);
  const isOfYesterday = minute + MINUTES_A_DAY < ends && isOn((day + 6) % 7);
  return isToday || isOfYesterday;
};
