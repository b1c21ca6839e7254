import type { Datapoint } from './alarm-state.ts';

/**
 * Documented: a band is so many standard deviations around what a metric is expected to be, learned from up to two weeks of
 * its past, by hour, day and week, and learned anew as time goes on. How is not published. Here the expectation is the mean
 * of the same hour on other days, or of all the past while fewer than three days are known.
 */
const LEARNED_MS = 14 * 86_400_000;
const LEARNS_EVERY_MS = 3_600_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
const DAYS_TO_TELL_HOURS = 3;
/** Less than this is no past: there is no band yet, and nothing is judged. */
const SHORTEST_PAST_MS = 3 * 3_600_000;

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

/** A band as wide as `width` standard deviations to each side, around a metric in windows of `periodMs`. */
export const createBand = (width: number, periodMs: number) => {
  let learned: { at: number; samples: Sample[] } | undefined;

  const learn = (before: number, pastOf: (starts: number[]) => Datapoint[]) => {
    const count = Math.floor(LEARNED_MS / periodMs);
    const starts = Array.from({ length: count }, (_, index) => before - (count - index) * periodMs);
    const samples = pastOf(starts).flatMap((value, index) =>
      value === undefined ? [] : [{ start: starts[index] ?? 0, value }],
    );
    learned = { at: before, samples };
    return samples;
  };

  /**
   * The band's upper edge in each window; nothing where too little is known. What is judged is not learned from:
   * `pastOf` is asked for windows before the first of them.
   */
  return (starts: readonly number[], pastOf: (starts: number[]) => Datapoint[]): Datapoint[] => {
    const [first = 0] = starts;
    const samples = learned && first - learned.at < LEARNS_EVERY_MS ? learned.samples : learn(first, pastOf);
    if (samples.length * periodMs < SHORTEST_PAST_MS) return starts.map(() => undefined);
    return starts.map((start) => {
      const sameHour = samples.filter((sample) => hourOf(sample.start) === hourOf(start));
      const days = new Set(sameHour.map((sample) => Math.floor(sample.start / DAY_MS)));
      return upperEdge(days.size >= DAYS_TO_TELL_HOURS ? sameHour : samples, width);
    });
  };
};

export type Band = ReturnType<typeof createBand>;
