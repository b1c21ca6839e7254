import type { FailuresReport, ToolsReport, TrendReport, TrendsReport } from '../lambdas/contract/reports.ts';
import { readStoredToken } from './token.tsx';

/** What the local run tells of its alarms and messages; elsewhere nobody answers there. */
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
}

/** Whoever looks is not known, or may not see this. */
export class AccessRefused extends Error {
  override name = 'Refused';
}

/** The answer to a GET. Throws with the server's own words, or with what went wrong on the way. */
const get = async <Answer>(path: string, signal: AbortSignal): Promise<Answer> => {
  const token = readStoredToken();
  const response = await fetch(path, {
    signal,
    headers: { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
  });
  const answer = await response.json().catch(() => undefined);
  if (response.ok) return answer as Answer;
  const said = answer?.error?.message ?? answer?.message ?? `${path} answered ${response.status}`;
  throw response.status === 401 || response.status === 403 ? new AccessRefused(said) : new Error(said);
};

export const getTools = (signal: AbortSignal) => get<ToolsReport>('/v1/tools', signal);

/** The last three hours of every tool. */
export const getTrends = (signal: AbortSignal) => get<TrendsReport>('/v1/trends', signal);

/** The last 24 hours of one tool. */
export const getTrend = (tool: string, signal: AbortSignal) =>
  get<TrendReport>(`/v1/tools/${encodeURIComponent(tool)}/trend`, signal);

/** The last day's failures of a tool, the newest first. */
export const getFailures = (tool: string, signal: AbortSignal) =>
  get<FailuresReport>(`/v1/failures?minutes=1440&limit=20&tool=${encodeURIComponent(tool)}`, signal);

/** Undefined where there is no local run. */
export const getLocalState = (signal: AbortSignal): Promise<LocalState | undefined> =>
  get<LocalState>('/local/state', signal).catch(() => undefined);
