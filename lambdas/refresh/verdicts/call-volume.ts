import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../contract/durations.ts';
import { type Bucket, between, type History, sumOf, type Verdict } from './history.ts';

const HALF_HOUR_MS = 30 * MINUTE_MS;
/** Fewer expected calls in half an hour vary too much. */
const MIN_EXPECTED = 30;
/** The calls have vanished at this share of the least that is usual, and are back at the other. */
const VANISHED = 0.25;
const BACK = 0.5;
/** Only a sudden change is reported: it was as usual within this time. What lasts longer is the new usual. */
const SUDDEN_MS = DAY_MS;
const DAYS = 14;

const isWeekend = (at: number): boolean => [0, 6].includes(new Date(at).getUTCDay());

/**
 * The least that half an hour at this time of day has had on comparable days: weekends, or the days between them.
 * `undefined` when no such day is known.
 */
const expectedAt = (byHour: ReadonlyMap<number, number>, at: number): number | undefined => {
  const hour = Math.floor(at / HOUR_MS);
  const days = Array.from({ length: DAYS }, (_, day) => day + 1).filter(
    (day) => isWeekend(at - day * DAY_MS) === isWeekend(at),
  );
  const usual = days.flatMap((day) => {
    const around = [-1, 0, 1].map((offset) => byHour.get(hour - 24 * day + offset));
    return around.every((calls) => calls === undefined) ? [] : [Math.min(...around.map((calls) => calls ?? 0))];
  });
  return usual.length === 0 ? undefined : Math.min(...usual) / 2;
};

/** Of each hour since 1970, the calls. */
const countByHour = (history: History): Map<number, number> => {
  const byHour = new Map<number, number>();
  for (const { at, allCalls } of history) {
    const hour = Math.floor(at / HOUR_MS);
    byHour.set(hour, (byHour.get(hour) ?? 0) + allCalls);
  }
  return byHour;
};

const callsOf = (buckets: readonly Bucket[]): number => sumOf(buckets, 'allCalls');

/**
 * Evaluates whether most of the calls under one name have vanished: half an hour had less than a quarter of the least that
 * is usual at this time, although it was as usual within a day. Calls that fail by their caller's fault are calls.
 */
export const evaluateCallVolume = (history: History, now: number): Verdict => {
  const end = Math.floor(now / (5 * MINUTE_MS)) * 5 * MINUTE_MS;
  const byHour = countByHour(history);
  const shareAt = (until: number): number | undefined => {
    const expected = expectedAt(byHour, until - HALF_HOUR_MS);
    if (expected === undefined || expected < MIN_EXPECTED) return undefined;
    return callsOf(between(history, until - HALF_HOUR_MS, until)) / expected;
  };
  const share = shareAt(end);
  if (share === undefined) return 'none';
  if (share >= VANISHED) return share >= BACK ? 'over' : 'none';
  const hourStart = Math.floor(end / HOUR_MS) * HOUR_MS;
  for (let until = end - HALF_HOUR_MS; until > end - 3 * HOUR_MS; until -= HALF_HOUR_MS)
    if ((shareAt(until) ?? 0) >= BACK) return 'holds';
  for (let hour = hourStart - 3 * HOUR_MS; hour > end - SUDDEN_MS; hour -= HOUR_MS) {
    const expected = expectedAt(byHour, hour);
    if (expected !== undefined && expected >= MIN_EXPECTED && (byHour.get(hour / HOUR_MS) ?? 0) >= 2 * BACK * expected)
      return 'holds';
  }
  return 'none';
};
