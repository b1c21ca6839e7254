import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import type { ToolsReport } from '../../lambdas/contract/reports.ts';
import { askOpenIncidents, type Question } from './questions.ts';
import { serverNow } from './server-clock.ts';
import { type PollState, usePolling } from './use-polling.ts';

/** What all views share. */
export interface PageContext {
  /** How often the page asks. */
  readonly seconds: number;
  /** What the shell asks for, whatever the view. */
  readonly tools: PollState<ToolsReport>;
}

export const PageContext = createContext<PageContext>({
  seconds: 30,
  tools: { answer: undefined, problem: undefined },
});

/** `usePolling` as often as this page asks. */
export const useAnswer = <Answer>(question: Question<Answer> | undefined): PollState<Answer> =>
  usePolling(question, useContext(PageContext).seconds);

/** How often it is asked whether the reader is still the operator. After a refusal it is not asked again until the page is loaded. */
const OPERATOR_SECONDS = 600;

/** False for a reader who is known not to be the operator: what only the operator may see and do is not offered then. */
export const useMayOperate = (): boolean => !usePolling(askOpenIncidents(), OPERATOR_SECONDS).isForbidden;

/** Parts that are rendered again every so many milliseconds, by that number. A table has hundreds, which share a timer. */
const clocks = new Map<number, Set<() => void>>();

const joinClock = (everyMs: number, listener: () => void): (() => void) => {
  const listeners = clocks.get(everyMs) ?? new Set();
  if (!clocks.has(everyMs)) {
    clocks.set(everyMs, listeners);
    setInterval(() => {
      for (const each of [...listeners]) each();
    }, everyMs);
  }
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** The time at the server, in milliseconds since 1970; whoever uses it is rendered again every `everyMs`. */
export const useNow = (everyMs = 1_000): number => {
  const [now, setNow] = useState(serverNow());
  useEffect(() => joinClock(everyMs, () => setNow(serverNow())), [everyMs]);
  return now;
};
