import { HOUR_MS, MINUTE_MS } from '../lambdas/contract/durations.ts';
import { OTHER_ERROR_RATE } from '../lambdas/contract/tool-facts.ts';
import {
  type Condition,
  evaluateName,
  type Promised,
  type Verdict,
} from '../lambdas/refresh/verdicts/evaluate-names.ts';
import type { Bucket } from '../lambdas/refresh/verdicts/history.ts';
import { addHistories, haveCallsStopped } from '../lambdas/refresh/verdicts/stopped-calls.ts';
import type { Call } from './calls.ts';

const FIVE_MINUTES_MS = 5 * MINUTE_MS;
/** Refresh reads this much of the past by five minutes and everything before by the hour. */
const BY_FIVE_MINUTES_MS = 2 * HOUR_MS;

const addTo = (buckets: Map<number, Bucket>, at: number, ms: number, call: Omit<Bucket, 'at' | 'ms'>): void => {
  const start = Math.floor(at / ms) * ms;
  const bucket = buckets.get(start) ?? { at: start, ms, calls: 0, errors: 0, allCalls: 0 };
  buckets.set(start, {
    ...bucket,
    calls: bucket.calls + call.calls,
    errors: bucket.errors + call.errors,
    allCalls: bucket.allCalls + call.allCalls,
  });
};

/** Counts recorded calls as the store does, and evaluates them as refresh does. */
export const createRefresh = (promised: ReadonlyMap<string, Promised>) => {
  const names = new Map<string, { fine: Map<number, Bucket>; coarse: Map<number, Bucket> }>();

  /** As refresh reads it: whole hours, and after them five minutes. */
  const historyOf = ({ fine, coarse }: { fine: Map<number, Bucket>; coarse: Map<number, Bucket> }, now: number) => {
    const from = Math.floor((now - BY_FIVE_MINUTES_MS) / HOUR_MS) * HOUR_MS;
    for (const at of fine.keys()) if (at < from) fine.delete(at);
    return [...[...coarse.values()].filter(({ at }) => at < from), ...fine.values()].sort((a, b) => a.at - b.at);
  };

  return {
    /** Whether all calls have stopped at once. */
    haveCallsStopped: (now: number): boolean =>
      haveCallsStopped(addHistories([...names.values()].map((buckets) => historyOf(buckets, now))), now),
    count: ({ tool, endedAt, ms, failure, line }: Call): void => {
      if (line !== 'whole' && line !== 'lossy') return;
      const name = names.get(tool) ?? { fine: new Map(), coarse: new Map() };
      names.set(tool, name);
      const isCallersFault = failure?.fault === 'caller';
      const call = { calls: isCallersFault ? 0 : 1, errors: failure && !isCallersFault ? 1 : 0, allCalls: 1 };
      addTo(name.fine, endedAt - ms, FIVE_MINUTES_MS, call);
      addTo(name.coarse, endedAt - ms, HOUR_MS, call);
    },
    evaluate: (now: number): Map<string, Record<Condition, Verdict>> =>
      new Map(
        [...names].map(([name, buckets]) => [
          name,
          evaluateName(historyOf(buckets, now), promised.get(name) ?? { errorRate: OTHER_ERROR_RATE }, now),
        ]),
      ),
  };
};
