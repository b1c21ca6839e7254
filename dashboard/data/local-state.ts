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

/** Null outside of a local run. */
export const getLocalState = (signal: AbortSignal): Promise<LocalState | null> =>
  get<LocalState>('/local/state', signal).catch(() => null);
