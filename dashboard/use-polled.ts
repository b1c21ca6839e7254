import { useEffect, useState } from 'preact/hooks';
import { AccessRefused } from './reports.ts';

export interface PollState<Answer> {
  /** The last good answer; it stays while later ones fail. */
  answer: Answer | undefined;
  /** Why the latest asking failed; undefined when it did not. */
  problem: string | undefined;
  /** Why was that whoever looks is not known, or may not see this. */
  isAccessRefused?: boolean;
}

/** Asks now and every so many seconds while the page is seen; `key` names what is asked, another key starts anew. */
export const usePolling = <Answer>(
  key: string,
  ask: (signal: AbortSignal) => Promise<Answer>,
  seconds: number,
): PollState<Answer> => {
  const [polled, setPolled] = useState<PollState<Answer> & { key: string }>({
    key,
    answer: undefined,
    problem: undefined,
  });
  useEffect(() => {
    const aborter = new AbortController();
    const once = () => {
      if (document.hidden) return;
      ask(aborter.signal).then(
        (answer) => setPolled({ key, answer, problem: undefined }),
        (error: unknown) => {
          if (aborter.signal.aborted) return;
          const problem = error instanceof Error ? error.message : String(error);
          setPolled((last) => ({
            key,
            answer: last.key === key ? last.answer : undefined,
            problem,
            isAccessRefused: error instanceof AccessRefused,
          }));
        },
      );
    };
    once();
    const timer = setInterval(once, seconds * 1_000);
    document.addEventListener('visibilitychange', once);
    return () => {
      aborter.abort();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', once);
    };
  }, [key, seconds]);
  return polled.key === key ? polled : { answer: undefined, problem: undefined };
};
