import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../lambdas/contract/durations.ts';
import { formatDuration as formatKnownDuration } from '../../lambdas/contract/format-duration.ts';

/** A length of time; `–` where there is none. */
export const formatDuration = (ms: number | null | undefined): string =>
  ms === null || ms === undefined ? '–' : formatKnownDuration(ms);

/** How long ago a time was, in one unit. What the two clocks cannot tell apart is now. */
export const formatAgo = (at: string | null, now: number): string => {
  if (at === null) return 'never';
  const ms = Math.max(0, now - Date.parse(at));
  if (ms < MINUTE_MS) return `${Math.round(ms / SECOND_MS)} s ago`;
  if (ms < HOUR_MS) return `${Math.round(ms / MINUTE_MS)} min ago`;
  if (ms < DAY_MS) return `${Math.round(ms / HOUR_MS)} h ago`;
  return `${Math.round(ms / DAY_MS)} d ago`;
};

const CLOCK: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
const DAY: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };

const isSameDay = (a: Date, b: Date): boolean => a.toDateString() === b.toDateString();

/** Hours and minutes in the reader's time zone; with the day where that is not today. */
export const formatClock = (at: string | number, now: number, withSeconds = false): string => {
  const date = new Date(at);
  const clock = date.toLocaleTimeString('en-GB', withSeconds ? { ...CLOCK, second: '2-digit' } : CLOCK);
  return isSameDay(date, new Date(now)) ? clock : `${date.toLocaleDateString('en-GB', DAY)} ${clock}`;
};

/** From when to when, in the reader's time zone: `10:02–10:31`. */
export const formatSpan = (from: number, until: number, now: number): string => {
  const end = isSameDay(new Date(from), new Date(until))
    ? new Date(until).toLocaleTimeString('en-GB', CLOCK)
    : formatClock(until, now);
  return `${formatClock(from, now)}–${end}`;
};

/** A time with its seconds, in UTC: `2026-11-30 10:02:31 UTC`. */
export const formatUtc = (at: string | number): string => {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
};

/** A number for people. */
export const formatNumber = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toLocaleString('en', { maximumFractionDigits: 2 });

/** A number with its noun: `1 tool`, `2 tools`. */
export const formatCount = (count: number, noun: string, plural = `${noun}s`): string =>
  `${formatNumber(count)} ${count === 1 ? noun : plural}`;

/** Whole cents; of less than that, the first two digits that are not 0. */
const COST: Intl.NumberFormatOptions = {
  minimumFractionDigits: 2,
  maximumFractionDigits: 2,
  minimumSignificantDigits: 2,
  maximumSignificantDigits: 2,
  roundingPriority: 'morePrecision',
};

/** A sum of dollars, which may be a part of a cent: `$0.000042`, `$0.50`, `$1,204.50`; `–` where there is none. */
export const formatCost = (dollars: number | null | undefined): string =>
  dollars === null || dollars === undefined ? '–' : `$${dollars.toLocaleString('en', COST)}`;

/** A percentage that is known already; `–` where there is none. */
export const formatPercent = (percent: number | null | undefined): string =>
  percent === null || percent === undefined ? '–' : `${formatNumber(percent)} %`;
