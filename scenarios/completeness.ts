import { HOUR_MS, MINUTE_MS } from '../lambdas/contract/durations.ts';
import type { Arrivals, Call } from './calls.ts';

/** In this minute of each hour the completeness of the hour before is published. */
const PUBLISHED_AT_MINUTE = 40;

interface HourCount {
  made: number;
  recorded: number;
}

/**
 * Counts how complete each hour is, by its lines alone. Rows that get lost after the line are a reading of the
 * scenario.
 */
export const createCompletenessCounter = () => {
  const hours = new Map<number, HourCount>();
  const countOf = (hour: number): HourCount => {
    const count = hours.get(hour) ?? { made: 0, recorded: 0 };
    hours.set(hour, count);
    return count;
  };
  const hourOf = ({ endedAt, ms }: Call) => Math.floor((endedAt - ms) / HOUR_MS);
  return {
    count: ({ made, recorded }: Arrivals): void => {
      for (const call of made) countOf(hourOf(call)).made += 1;
      for (const call of recorded) {
        if (call.line === 'whole' || call.line === 'lossy') countOf(hourOf(call)).recorded += 1;
      }
    },
    /** Percent, in the minute in which it is published; otherwise `undefined`. */
    publishedAt: (now: number): number | undefined => {
      if ((now % HOUR_MS) / MINUTE_MS !== PUBLISHED_AT_MINUTE) return undefined;
      const { made, recorded } = countOf(Math.floor(now / HOUR_MS) - 1);
      return made === 0 ? 100 : (100 * recorded) / made;
    },
  };
};
