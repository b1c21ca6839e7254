import { OTHER_ERROR_RATE } from '../lambdas/contract/tool-facts.ts';
import { type Condition, evaluateName, type Limits, type Verdict } from '../lambdas/refresh/verdicts/evaluate-names.ts';
import { addHistories, haveCallsStopped } from '../lambdas/refresh/verdicts/stopped-calls.ts';
import type { Call } from './calls.ts';
import { writtenAt } from './line.ts';
import { createStoreHistory } from './store-history.ts';

/** Counts recorded calls as the store does, and evaluates them as refresh does. */
export const createRefresh = (limits: ReadonlyMap<string, Limits>) => {
  const names = new Map<string, ReturnType<typeof createStoreHistory>>();
  return {
    count: ({ tool, ms, failure, line, ...call }: Call): void => {
      if (line !== 'whole' && line !== 'lossy') return;
      const history = names.get(tool) ?? createStoreHistory();
      names.set(tool, history);
      const isCallersFault = failure?.fault === 'caller';
      const errors = failure && !isCallersFault ? 1 : 0;
      history.add(writtenAt(call) - ms, { calls: isCallersFault ? 0 : 1, errors, allCalls: 1 });
    },
    /** Whether all calls have stopped at once. */
    haveCallsStopped: (now: number): boolean =>
      haveCallsStopped(addHistories([...names.values()].map((history) => history.read(now))), now),
    evaluate: (now: number): Map<string, Record<Condition, Verdict>> =>
      new Map(
        [...names].map(([name, history]) => [
          name,
          evaluateName(history.read(now), limits.get(name) ?? { errorRate: OTHER_ERROR_RATE }, now),
        ]),
      ),
  };
};
