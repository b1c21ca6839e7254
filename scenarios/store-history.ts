import { HOUR_MS, MINUTE_MS } from '../lambdas/contract/durations.ts';
import type { Bucket, History } from '../lambdas/refresh/verdicts/history.ts';

const FIVE_MINUTES_MS = 5 * MINUTE_MS;
/** As in sql/views/195-call-history.sql: this much by five minutes, and two weeks before it by the hour. */
const BY_FIVE_MINUTES_MS = 2 * HOUR_MS;
const BY_HOUR_MS = 14 * 24 * HOUR_MS;

type Counts = Pick<Bucket, 'calls' | 'errors' | 'allCalls'>;

const addTo = (buckets: Map<number, Bucket>, at: number, ms: number, counts: Counts): void => {
  const start = Math.floor(at / ms) * ms;
  const { calls = 0, errors = 0, allCalls = 0 } = buckets.get(start) ?? {};
  buckets.set(start, {
    at: start,
    ms,
    calls: calls + counts.calls,
    errors: errors + counts.errors,
    allCalls: allCalls + counts.allCalls,
  });
};

const removeBefore = (buckets: Map<number, Bucket>, from: number): void => {
  for (const at of buckets.keys()) if (at < from) buckets.delete(at);
};

/** The calls of one name as the store counts them and refresh reads them. */
export const createStoreHistory = () => {
  const fiveMinutes = new Map<number, Bucket>();
  const hours = new Map<number, Bucket>();
  return {
    /** Counts calls that began at a time, in milliseconds since 1970. */
    add: (at: number, counts: Counts): void => {
      addTo(fiveMinutes, at, FIVE_MINUTES_MS, counts);
      addTo(hours, at, HOUR_MS, counts);
    },
    read: (now: number): History => {
      const from = Math.floor((now - BY_FIVE_MINUTES_MS) / HOUR_MS) * HOUR_MS;
      removeBefore(fiveMinutes, from);
      removeBefore(hours, from - BY_HOUR_MS);
      return [...[...hours.values()].filter(({ at }) => at < from), ...fiveMinutes.values()].sort(
        (a, b) => a.at - b.at,
      );
    },
  };
};
