import { DAY_MS, HOUR_MS } from '../clock.ts';
import type { Datapoint } from './alarm-state.ts';

/**
 * Documented under "Using CloudWatch anomaly detection": a band is a number of standard deviations around a metric's
 * expected value, which is learned from up to two weeks of its past, by hour, day and week, and learned again as time
 * passes. The algorithm is not published. Here the expected value is the mean of the same hour on other days, or of the
 * whole past while fewer than three days are known.
 */
const MAX_PAST_MS = 14 * DAY_MS;
const RELEARN_EVERY_MS = HOUR_MS;
const MIN_DAYS_FOR_HOURS = 3;
/** With a shorter past there is no band yet, and the alarm's datapoints are missing. */
const MIN_PAST_MS = 3 * HOUR_MS;

interface Sample {
  start: number;
  value: number;
}

const hourOf = (at: number): number => Math.floor(at / HOUR_MS) % 24;

const upperEdge = (samples: readonly Sample[], width: number): number => {
  const mean = samples.reduce((sum, { value }) => sum + value, 0) / samples.length;
  const variance = samples.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / samples.length;
  return mean + width * Math.sqrt(variance);
};

/** A band of `width` standard deviations to each side of a metric's expected value in windows of `periodMs`. */
export const createBand = (width: number, periodMs: number) => {
  let learned: { at: number; samples: Sample[] } | undefined;

  const learn = (before: number, readPast: (starts: number[]) => Datapoint[]) => {
    const count = Math.floor(MAX_PAST_MS / periodMs);
    const starts = Array.from({ length: count }, (_, index) => before - (count - index) * periodMs);
    const samples = readPast(starts).flatMap((value, index) =>
      value === undefined ? [] : [{ start: starts[index] ?? 0, value }],
    );
    learned = { at: before, samples };
    return samples;
  };

  /**
   * The band's upper edge in each window; undefined where too little of the past is known. The windows that are
   * evaluated are not learned from: `readPast` is called for windows before the first of them.
   */
  return (starts: readonly number[], readPast: (starts: number[]) => Datapoint[]): Datapoint[] => {
    const [first = 0] = starts;
    const samples = learned && first - learned.at < RELEARN_EVERY_MS ? learned.samples : learn(first, readPast);
    if (samples.length * periodMs < MIN_PAST_MS) return starts.map(() => undefined);
    return starts.map((start) => {
      const sameHour = samples.filter((sample) => hourOf(sample.start) === hourOf(start));
      const days = new Set(sameHour.map((sample) => Math.floor(sample.start / DAY_MS)));
      return upperEdge(days.size >= MIN_DAYS_FOR_HOURS ? sameHour : samples, width);
    });
  };
};

export type Band = ReturnType<typeof createBand>;
