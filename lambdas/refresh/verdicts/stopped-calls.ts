import { MINUTE_MS } from '../../contract/durations.ts';
import { between, type History, sumOf } from './history.ts';

const TEN_MINUTES_MS = 10 * MINUTE_MS;
/** Fewer calls than this in the ten minutes before the last one do not stop suddenly: they trickle away. */
const MIN_CALLS = 50;

/**
 * Whether all calls have stopped at once: there were fifty in the ten minutes up to the last one, and ten minutes have
 * passed since without any. `history` is that of all names together. It holds until somebody calls.
 */
export const haveCallsStopped = (history: History, now: number): boolean => {
  const last = history.findLast(({ allCalls }) => allCalls > 0);
  if (!last) return false;
  const endedAt = last.at + last.ms;
  return (
    now - endedAt >= TEN_MINUTES_MS &&
    sumOf(between(history, endedAt - Math.max(TEN_MINUTES_MS, last.ms), endedAt), 'allCalls') >= MIN_CALLS
  );
};

/** Several histories as one: their buckets begin together and are equally long. */
export const addHistories = (histories: readonly History[]): History => {
  const sums = new Map<number, History[number]>();
  for (const bucket of histories.flat()) {
    const sum = sums.get(bucket.at);
    sums.set(bucket.at, {
      ...bucket,
      calls: bucket.calls + (sum?.calls ?? 0),
      errors: bucket.errors + (sum?.errors ?? 0),
      allCalls: bucket.allCalls + (sum?.allCalls ?? 0),
    });
  }
  return [...sums.values()].sort((a, b) => a.at - b.at);
};
