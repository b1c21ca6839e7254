import { useEffect, useState } from 'preact/hooks';
import { AccessRefused, Forbidden, NotFound } from './request.ts';

export interface PollState<Answer> {
  /** The last good answer. It remains while later requests fail. */
  answer: Answer | undefined;
  /** Why the latest request failed; undefined when it succeeded. */
  problem: string | undefined;
  /** True when the latest request failed because the reader is unknown, or may not see this. */
  isAccessRefused?: boolean;
  /** True when it failed because this reader may not see this, which asking again does not change. */
  isForbidden?: boolean;
  /** True when the latest request was answered that there is no such thing. */
  isMissing?: boolean;
}

/** Answers of views that were left, so that whoever goes back sees them at once, and then the present ones. */
const remembered = new Map<string, unknown>();
const MAX_REMEMBERED = 40;

const remember = (key: string, answer: unknown): void => {
  remembered.delete(key);
  remembered.set(key, answer);
  const [oldest] = remembered.keys();
  if (remembered.size > MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
};

/** Forgets all answers, as when another reader takes over. */
export const forgetAnswers = (): void => remembered.clear();

/**
 * Asks immediately and then every `seconds` while the page is visible. `key` names what is asked for; a new key starts
 * again without an answer, and an undefined or empty one asks for nothing. Another `count` asks at once, and keeps the answer.
 */
export const usePolling = <Answer>(
  key: string | undefined,
  ask: (signal: AbortSignal) => Promise<Answer>,
  seconds: number,
  count = 0,
): PollState<Answer> => {
  const [state, setState] = useState<PollState<Answer> & { key: string | undefined }>();
  useEffect(() => {
    if (!key) return;
    const aborter = new AbortController();
    const poll = () => {
      if (document.hidden) return;
      ask(aborter.signal).then(
        (answer) => {
          if (aborter.signal.aborted) return;
          remember(key, answer);
          setState({ key, answer, problem: undefined });
        },
        (error: unknown) => {
          if (aborter.signal.aborted) return;
          const problem = error instanceof Error ? error.message : String(error);
          setState((last) => ({
            key,
            answer: last?.key === key ? last?.answer : (remembered.get(key) as Answer | undefined),
            problem,
            isAccessRefused: error instanceof AccessRefused,
            isForbidden: error instanceof Forbidden,
            isMissing: error instanceof NotFound,
          }));
          if (error instanceof Forbidden) stop();
        },
      );
    };
    const timer = setInterval(poll, seconds * 1_000);
    document.addEventListener('visibilitychange', poll);
    const stop = () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', poll);
    };
    poll();
    return () => {
      aborter.abort();
      stop();
    };
  }, [key, seconds, count]);
  if (state?.key === key && state) return state;
  return { answer: key ? (remembered.get(key) as Answer | undefined) : undefined, problem: undefined };
};
