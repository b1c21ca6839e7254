import { HOUR_MS, MINUTE_MS } from '../../../lambdas/contract/durations.ts';

/** A range of a trend. */
export interface TrendRange {
  readonly hours: number;
  readonly words: string;
  /** The length of a step where there are no points to say so, in milliseconds. */
  readonly stepMs: number;
}

const DAY: TrendRange = { hours: 24, words: '24 h', stepMs: 5 * MINUTE_MS };

export const RANGES: readonly TrendRange[] = [
  { hours: 1, words: '1 h', stepMs: 5 * MINUTE_MS },
  DAY,
  { hours: 168, words: '7 d', stepMs: HOUR_MS },
  { hours: 720, words: '30 d', stepMs: 24 * HOUR_MS },
];

/** The range that an address names; a day for one that names none. */
export const rangeOf = (hours: string | undefined): TrendRange =>
  RANGES.find((range) => String(range.hours) === hours) ?? DAY;
