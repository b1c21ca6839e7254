import { useEffect, useState } from 'preact/hooks';
import type { Question } from './questions.ts';
import { get } from './request.ts';

/** What stands in for inboxes and channels in a local run. A deployment has no such path. */
export interface LocalState {
  deliveries: {
    at: string;
    protocol: string;
    endpoint: string;
    subject: string;
    outcome: string;
    message: string | { OldStateValue?: string; NewStateValue?: string };
  }[];
  /** What each channel shows; empty where there are no stand-ins for their vendors. */
  channels?: {
    channel: string;
    messages: {
      title: string;
      lines: string[];
      buttons: { title: string; url: string }[];
      colour?: string;
      mark?: string;
    }[];
  }[];
}

const ADDRESS = '/local/state';

/** Null outside of a local run. */
export const askLocalState = (): Question<LocalState | null> => ({
  address: ADDRESS,
  ask: (signal) => get<LocalState>(ADDRESS, signal).catch(() => null),
});

/** Whether this is a local run, which does not change while the page is open. */
export const useIsLocal = (): boolean => {
  const [isLocal, setIsLocal] = useState(false);
  useEffect(() => {
    const aborter = new AbortController();
    void askLocalState()
      .ask(aborter.signal)
      .then((state) => setIsLocal(state !== null));
    return () => aborter.abort();
  }, []);
  return isLocal;
};
