import type { AlarmsReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import { MAX_ROWS } from '../../lambdas/contract/answer-limits.ts';
import type { AdoptionReport } from '../../lambdas/contract/api/adoption.ts';
import type { CallReport, CallsReport } from '../../lambdas/contract/api/calls.ts';
import type { CostsReport } from '../../lambdas/contract/api/costs.ts';
import type { IncidentReport, IncidentsReport } from '../../lambdas/contract/api/incidents.ts';
import type { KpisReport } from '../../lambdas/contract/api/kpis.ts';
import type { ProvidersReport } from '../../lambdas/contract/api/providers.ts';
import type { SessionReport, SessionsReport } from '../../lambdas/contract/api/sessions.ts';
import type { ToolDetail } from '../../lambdas/contract/api/tools.ts';
import type { CompletenessReport } from '../../lambdas/contract/completeness-report.ts';
import type { ErrorGroupReport, ErrorGroupsReport, UpstreamErrorsReport } from '../../lambdas/contract/error-groups.ts';
import type { JobReport, JobsReport, QueuesReport } from '../../lambdas/contract/jobs/reports.ts';
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
import { get } from './request.ts';

/** What the page asks for. */
export interface Question<Answer> {
  /** Where it is asked. Questions with one address are one question, however many parts of the page ask it. */
  readonly address: string;
  readonly ask: (signal: AbortSignal) => Promise<Answer>;
}

/** Parameters that are undefined or empty are left out. */
type QueryParameters = Readonly<Record<string, string | number | undefined>>;

const ask = <Answer>(path: string, parameters: QueryParameters = {}): Question<Answer> => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined && value !== '') query.set(name, String(value));
  const address = query.size > 0 ? `${path}?${query}` : path;
  return { address, ask: (signal) => get<Answer>(address, signal) };
};

const named = (path: string, name: string): string => `${path}/${encodeURIComponent(name)}`;

export const askTools = () => ask<ToolsReport>('/v1/tools');

/** The last three hours of every tool. */
export const askTrends = () => ask<TrendsReport>('/v1/trends');

export const askTrend = (tool: string, hours: number) =>
  ask<TrendReport>(`${named('/v1/tools', tool)}/trend`, { hours });

/** More of one tool: who calls it, its limits, its versions. */
export const askToolDetail = (tool: string) => ask<ToolDetail>(`${named('/v1/tools', tool)}/detail`);

/** What fires now, live from CloudWatch. */
export const askFiringAlarms = () => ask<AlarmsReport>('/v1/alarms', { state: 'firing' });

/** One alarm under a heading of the runbook, in which `*` stands for a name. */
export const askAlarmUnder = (heading: string) => ask<AlarmsReport>('/v1/alarms', { name: heading, limit: 1 });

export const askIncidents = (parameters: QueryParameters) => ask<IncidentsReport>('/v1/incidents', parameters);

/** As many of the newest incidents as one answer has. */
export const askNewestIncidents = () => askIncidents({ limit: MAX_ROWS });

/** One open incident, and how many are; only the operator is answered. */
export const askOpenIncidents = () => askIncidents({ state: 'open', limit: 1 });

export const askIncident = (id: string) => ask<IncidentReport>(named('/v1/incidents', id));

export const askErrorGroups = (parameters: QueryParameters) => ask<ErrorGroupsReport>('/v1/error-groups', parameters);

/** As many groups in a state as one answer has, those seen last first. */
export const askGroupsIn = (state: 'new' | 'regressed') => askErrorGroups({ state, limit: MAX_ROWS });

export const askErrorGroup = (id: string) => ask<ErrorGroupReport>(named('/v1/error-groups', id));

export const askUpstreamErrors = () => ask<UpstreamErrorsReport>('/v1/upstream-errors', { limit: MAX_ROWS });

export const askFailures = (parameters: QueryParameters) => ask<FailuresReport>('/v1/failures', parameters);

export const askCalls = (parameters: QueryParameters) => ask<CallsReport>('/v1/calls', parameters);

/** One call; `at` is about when it began, without which only the calls of a day are looked through. */
export const askCall = (id: string, at: string | undefined) => ask<CallReport>(named('/v1/calls', id), { at });

export const askProviders = (parameters: QueryParameters) => ask<ProvidersReport>('/v1/providers', parameters);

export const askSessions = (parameters: QueryParameters) => ask<SessionsReport>('/v1/sessions', parameters);

/** One session of a tenant, as far as it is in a window. Sessions of several tenants may have one id. */
export const askSession = (id: string, parameters: QueryParameters) =>
  ask<SessionReport>(named('/v1/sessions', id), parameters);

export const askKpis = (parameters: QueryParameters) => ask<KpisReport>('/v1/kpis', parameters);

export const askCosts = (parameters: QueryParameters) => ask<CostsReport>('/v1/costs', parameters);
export const askAdoption = (parameters: QueryParameters) => ask<AdoptionReport>('/v1/adoption', parameters);

export const askDeployments = () => ask<DeploymentsReport>('/v1/deployments', { limit: MAX_ROWS });

export const askAlerts = () => ask<AlertsReport>('/v1/alerts');

export const askQueues = () => ask<QueuesReport>('/v1/queues');

export const askJobs = (parameters: QueryParameters) => ask<JobsReport>('/v1/jobs', parameters);

export const askJob = (id: string) => ask<JobReport>(named('/v1/jobs', id));

export const askWebhooks = () => ask<WebhooksReport>('/v1/webhooks');

export const askRules = () => ask<RulesReport>('/v1/rules');

export const askRateLimits = () => ask<RateLimitsReport>('/v1/rate-limits');

export const askMutes = () => ask<MutesReport>('/v1/mutes');

export const askCompleteness = (parameters: QueryParameters) => ask<CompletenessReport>('/v1/completeness', parameters);
export const askSelfCheck = () => ask<SelfCheckReport>('/v1/self-check');
