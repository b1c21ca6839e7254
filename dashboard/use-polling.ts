import { useEffect, useState } from 'preact/hooks';
import { AccessRefused } from './reports.ts';

export interface PollState<Answer> {
  /** The last good answer. It remains while later requests fail. */
  answer: Answer | undefined;
  /** Why the latest request failed; undefined when it succeeded. */
  problem: string | undefined;
  /** True when the latest request failed because the reader is unknown, or may not see this. */
  isAccessRefused?: boolean;
}

/**
 * Asks immediately and then every `seconds` while the page is visible. `key` names what is asked for; a new key starts
 * again without an answer.
 */
export const usePolling = <Answer>(
  key: string,
  ask: (signal: AbortSignal) => Promise<Answer>,
  seconds: number,
): PollState<Answer> => {
  const [state, setState] = useState<PollState<Answer> & { key: string }>({
    key,
    answer: undefined,
    problem: undefined,
  });
  useEffect(() => {
    const aborter = new AbortController();
    const poll = () => {
      if (document.hidden) return;
      ask(aborter.signal).then(
        (answer) => setState({ key, answer, problem: undefined }),
        (error: unknown) => {
          if (aborter.signal.aborted) return;
          const problem = error instanceof Error ? error.message : String(error);
          setState((last) => ({
            key,
            answer: last.key === key ? last.answer : undefined,
            problem,
            isAccessRefused: error instanceof AccessRefused,
          }));
        },
      );
    };
    poll();
    const timer = setInterval(poll, seconds * 1_000);
    document.addEventListener('visibilitychange', poll);
    return () => {
      aborter.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', poll);
    };
  }, [key, seconds]);
  return state.key === key ? state : { answer: undefined, problem: undefined };
};
