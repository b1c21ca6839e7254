import { HOUR_MS, MINUTE_MS } from '../../../lambdas/contract/durations.ts';

/** A range of a trend. */
export interface TrendRange {
  readonly hours: number;
  readonly words: string;
}

const DAY: TrendRange = { hours: 24, words: '24 h' };

export const RANGES: readonly TrendRange[] = [
  { hours: 1, words: '1 h' },
  DAY,
  { hours: 168, words: '7 d' },
  { hours: 720, words: '30 d' },
];

/** The range that an address names; a day for one that names none. */
export const rangeOf = (hours: string | undefined): TrendRange =>
  RANGES.find((range) => String(range.hours) === hours) ?? DAY;

/** What is seen before something began, so that one sees it begin. */
const MARGIN_MS = 10 * MINUTE_MS;

/** The shortest range in which one sees something begin; undefined where it is older than all. In milliseconds since 1970. */
export const rangeSince = (began: number, now: number): TrendRange | undefined =>
  RANGES.find(({ hours }) => began - MARGIN_MS >= now - hours * HOUR_MS);
