import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../contract/durations.ts';
import { formatDuration } from '../../contract/format-duration.ts';

/** `10:02`, in UTC */
const formatClock = (at: number): string => new Date(at).toISOString().slice(11, 16);

/** `12 Nov`; with the year where it is not that of `now`. */
export const formatDay = (at: number, now: number): string => {
  const [, day = '', month = '', year = ''] = /^\w+, 0?(\d+) (\w+) (\d+)/.exec(new Date(at).toUTCString()) ?? [];
  return new Date(at).getUTCFullYear() === new Date(now).getUTCFullYear()
    ? `${day} ${month}`
    : `${day} ${month} ${year}`;
};

const isSameDay = (one: number, other: number): boolean => Math.floor(one / DAY_MS) === Math.floor(other / DAY_MS);

/** `10:02 UTC`; with the day where it is not that of `now`. */
export const formatTime = (at: number, now: number): string =>
  isSameDay(at, now) ? `${formatClock(at)} UTC` : `${formatDay(at, now)} ${formatClock(at)} UTC`;

/** `10:02–10:31 UTC`; with days where they are not that of `now`. */
export const formatRange = (from: number, to: number, now: number): string => {
  const begin = isSameDay(from, to) && isSameDay(from, now) ? formatClock(from) : formatTime(from, now).slice(0, -4);
  return `${begin}–${formatTime(to, now)}`;
};

/** A length of time as people say it: `40 s`, `29 min`, `3 h 5 min`, `2 days 4 h`. */
export const formatSpan = (ms: number): string => {
  const span = Math.max(0, ms);
  if (span < MINUTE_MS) return `${Math.round(span / SECOND_MS)} s`;
  const minutes = Math.round(span / MINUTE_MS);
  if (minutes < 120) return `${minutes} min`;
  if (span < 2 * DAY_MS) return `${Math.floor(minutes / 60)} h${minutes % 60 > 0 ? ` ${minutes % 60} min` : ''}`;
  const hours = Math.round(span / HOUR_MS);
  return `${Math.floor(hours / 24)} days${hours % 24 > 0 ? ` ${hours % 24} h` : ''}`;
};

/** A duration as people say it: `2 s`, `3.4 s`, `340 ms`. */
export const formatMs = (ms: number): string => formatDuration(ms).replace(/\.0 s$/, ' s');

/** `1 user`, `41 users`, `1,200 calls` */
export const formatCount = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
