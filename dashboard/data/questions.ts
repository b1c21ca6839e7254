import type { AlarmsReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import type { CallReport, CallsReport } from '../../lambdas/contract/api/calls.ts';
import type { IncidentReport, IncidentsReport } from '../../lambdas/contract/api/incidents.ts';
import type { SessionReport, SessionsReport } from '../../lambdas/contract/api/sessions.ts';
import type { ToolDetail } from '../../lambdas/contract/api/tools.ts';
import type { ErrorGroupReport, ErrorGroupsReport, UpstreamErrorsReport } from '../../lambdas/contract/error-groups.ts';
import type {
  AlertsReport,
  RateLimitsReport,
  RulesReport,
  WebhooksReport,
} from '../../lambdas/contract/monitoring-reports.ts';
import type { MutesReport } from '../../lambdas/contract/mutes.ts';
import type {
  DeploymentsReport,
  FailuresReport,
  ToolsReport,
  TrendReport,
  TrendsReport,
} from '../../lambdas/contract/reports.ts';
import type { SelfCheckReport } from '../../lambdas/contract/self-check.ts';
import { get, type QueryParameters } from './request.ts';

/** What the page asks for. */

const named = (path: string, name: string): string => `${path}/${encodeURIComponent(name)}`;

export const getTools = (signal: AbortSignal) => get<ToolsReport>('/v1/tools', signal);

/** The last three hours of every tool. */
export const getTrends = (signal: AbortSignal) => get<TrendsReport>('/v1/trends', signal);

export const getTrend = (tool: string, hours: number, signal: AbortSignal) =>
  get<TrendReport>(`${named('/v1/tools', tool)}/trend`, signal, { hours });

/** More of one tool: who calls it, its limits, its versions. */
export const getToolDetail = (tool: string, signal: AbortSignal) =>
  get<ToolDetail>(`${named('/v1/tools', tool)}/detail`, signal);

/** What fires now, live from CloudWatch. */
export const getFiringAlarms = (signal: AbortSignal) => get<AlarmsReport>('/v1/alarms', signal, { state: 'firing' });

export const getAlarms = (signal: AbortSignal, parameters: QueryParameters) =>
  get<AlarmsReport>('/v1/alarms', signal, parameters);

export const getIncidents = (signal: AbortSignal, parameters: QueryParameters) =>
  get<IncidentsReport>('/v1/incidents', signal, parameters);

export const getIncident = (id: string, signal: AbortSignal) => get<IncidentReport>(named('/v1/incidents', id), signal);

export const getErrorGroups = (signal: AbortSignal, parameters: QueryParameters) =>
  get<ErrorGroupsReport>('/v1/error-groups', signal, parameters);

export const getErrorGroup = (id: string, signal: AbortSignal) =>
  get<ErrorGroupReport>(named('/v1/error-groups', id), signal);

export const getUpstreamErrors = (signal: AbortSignal) =>
  get<UpstreamErrorsReport>('/v1/upstream-errors', signal, { limit: 20 });

export const getFailures = (signal: AbortSignal, parameters: QueryParameters) =>
  get<FailuresReport>('/v1/failures', signal, parameters);

export const getCalls = (signal: AbortSignal, parameters: QueryParameters) =>
  get<CallsReport>('/v1/calls', signal, parameters);

export const getCall = (id: string, signal: AbortSignal) => get<CallReport>(named('/v1/calls', id), signal);

export const getSessions = (signal: AbortSignal, parameters: QueryParameters) =>
  get<SessionsReport>('/v1/sessions', signal, parameters);

export const getSession = (id: string, signal: AbortSignal) => get<SessionReport>(named('/v1/sessions', id), signal);

export const getDeployments = (signal: AbortSignal) => get<DeploymentsReport>('/v1/deployments', signal);

export const getAlerts = (signal: AbortSignal) => get<AlertsReport>('/v1/alerts', signal);

export const getWebhooks = (signal: AbortSignal) => get<WebhooksReport>('/v1/webhooks', signal);

export const getRules = (signal: AbortSignal) => get<RulesReport>('/v1/rules', signal);

export const getRateLimits = (signal: AbortSignal) => get<RateLimitsReport>('/v1/rate-limits', signal);

export const getMutes = (signal: AbortSignal) => get<MutesReport>('/v1/mutes', signal);

export const getSelfCheck = (signal: AbortSignal) => get<SelfCheckReport>('/v1/self-check', signal);
