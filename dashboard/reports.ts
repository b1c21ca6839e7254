import type { FailuresReport, ToolsReport, TrendReport } from '../lambdas/contract/reports.ts';

/** What the local run tells of its alarms and messages; elsewhere nobody answers there. */
export interface LocalState {
  alarms: {
    name: string;
    state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
    reason: string;
    since: string;
    severity: string;
  }[];
  deliveries: { at: string; channel: string; target: string; subject: string; body: string; ok: boolean }[];
}

/** The answer to a GET. Throws with the server's own words, or with what went wrong on the way. */
const get = async <Answer>(path: string, signal: AbortSignal): Promise<Answer> => {
  const response = await fetch(path, { signal, headers: { accept: 'application/json' } });
  const answer = await response.json().catch(() => undefined);
  if (response.ok) return answer as Answer;
  throw new Error(answer?.error?.message ?? `${path} answered ${response.status}`);
};

export const getTools = (signal: AbortSignal) => get<ToolsReport>('/v1/tools', signal);

export const getTrend = (tool: string, signal: AbortSignal) =>
  get<TrendReport>(`/v1/tools/${encodeURIComponent(tool)}/trend`, signal);

/** The last day's failures of a tool, the newest first. */
export const getFailures = (tool: string, signal: AbortSignal) =>
  get<FailuresReport>(`/v1/failures?minutes=1440&limit=20&tool=${encodeURIComponent(tool)}`, signal);

/** Undefined where there is no local run. */
export const getLocalState = (signal: AbortSignal): Promise<LocalState | undefined> =>
  get<LocalState>('/local/state', signal).catch(() => undefined);
