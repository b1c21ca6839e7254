import type { FailuresReport, ToolsReport, TrendReport, TrendsReport } from '../lambdas/contract/reports.ts';
import { readSignIn } from './sign-in/access.ts';
import { pastedToken } from './sign-in/pasted-token.ts';
import { session } from './sign-in/storage.ts';
import { currentToken, hasExpired, renewToken } from './sign-in/tokens.ts';

/** The alarms and notifications of a local run. A deployment has no such path. */
export interface LocalState {
  alarms: {
    name: string;
    state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
    since: string;
    severity: string;
    history: { reason: string }[];
  }[];
  deliveries: {
    at: string;
    protocol: string;
    endpoint: string;
    subject: string;
    outcome: string;
    message: { OldStateValue?: string; NewStateValue?: string; AlarmDescription?: string; NewStateReason?: string };
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

/** The reader is unknown, or may not see this. */
export class AccessRefused extends Error {
  override name = 'AccessRefused';
}

const refuseSignedOut = (): AccessRefused =>
  new AccessRefused(hasExpired() ? 'Your sign-in has ended. Sign in again.' : 'You are signed out.');

const request = (path: string, signal: AbortSignal, token: string | undefined): Promise<Response> =>
  fetch(path, { signal, headers: { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) } });

/** Sends a request with the token of whoever is signed in, and once more with a new one when that is refused. */
const requestSignedIn = async (path: string, signal: AbortSignal): Promise<Response> => {
  const signIn = readSignIn();
  if (!signIn) return request(path, signal, pastedToken.read());
  const token = await currentToken(signIn);
  if (token === undefined) throw refuseSignedOut();
  const response = await request(path, signal, token);
  if (response.status !== 401) return response;
  // Another request may have renewed it meanwhile.
  const current = session.read()?.access_token;
  const renewed = current === token ? await renewToken(signIn) : current;
  if (renewed === undefined) throw refuseSignedOut();
  return request(path, signal, renewed);
};

/** The answer to a GET. Throws with the server's message, or with the network's error. */
const get = async <Answer>(path: string, signal: AbortSignal): Promise<Answer> => {
  const response = await requestSignedIn(path, signal);
  const answer = await response.json().catch(() => undefined);
  if (response.ok) return answer as Answer;
  const message = answer?.detail ?? answer?.message ?? `${path} answered ${response.status}`;
  throw response.status === 401 || response.status === 403 ? new AccessRefused(message) : new Error(message);
};

export const getTools = (signal: AbortSignal) => get<ToolsReport>('/v1/tools', signal);

/** The last three hours of every tool. */
export const getTrends = (signal: AbortSignal) => get<TrendsReport>('/v1/trends', signal);

/** The last 24 hours of one tool. */
export const getTrend = (tool: string, signal: AbortSignal) =>
  get<TrendReport>(`/v1/tools/${encodeURIComponent(tool)}/trend`, signal);

/** A tool's failures in the last 24 hours, the newest first. */
export const getFailures = (tool: string, signal: AbortSignal) =>
  get<FailuresReport>(`/v1/failures?minutes=1440&limit=20&tool=${encodeURIComponent(tool)}`, signal);

/** Undefined outside of a local run. */
export const getLocalState = (signal: AbortSignal): Promise<LocalState | undefined> =>
  get<LocalState>('/local/state', signal).catch(() => undefined);
