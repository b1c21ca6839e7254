import type * as z from 'zod';
import { alertRuleReport, alertRulesReport } from './alert-rules/reports.ts';
import { adoptionQuery, adoptionReport } from './api/adoption.ts';
import { analyticsQuery, analyticsReport, shopAnalyticsQuery, shopHealthReport } from './api/analytics.ts';
import { callQuery, callReport, callsQuery, callsReport } from './api/calls.ts';
import { costsQuery, costsReport } from './api/costs.ts';
import { incidentReport, incidentsQuery, incidentsReport } from './api/incidents.ts';
import { kpisQuery, kpisReport } from './api/kpis.ts';
import { dashboardReport, metricReport, snapshotReport } from './api/observability.ts';
import { providersQuery, providersReport } from './api/providers.ts';
import { sessionQuery, sessionReport, sessionsQuery, sessionsReport } from './api/sessions.ts';
import { toolDetail, trendQuery } from './api/tools.ts';
import {
  errorGroupReport,
  errorGroupsQuery,
  errorGroupsReport,
  upstreamErrorsQuery,
  upstreamErrorsReport,
} from './error-groups.ts';
import { incidentFactsReport } from './incident-facts.ts';
import { bulkReplayReport } from './jobs/bulk-replay.ts';
import { jobReport, jobsQuery, jobsReport, queuesReport } from './jobs/reports.ts';
import {
  alertsReport,
  errorsReport,
  monitoringReport,
  rateLimitsReport,
  rulesReport,
  webhookReport,
  webhooksReport,
} from './monitoring-reports.ts';
import {
  countsQuery,
  deploymentsQuery,
  failuresQuery,
  incidentFactsQuery,
  listQuery,
  monitoringQuery,
  noQuery,
  rowsQuery,
  weekQuery,
} from './queries.ts';
import {
  countsReport,
  deploymentsReport,
  failuresReport,
  healthReport,
  livenessReport,
  readinessReport,
  storeReport,
  toolReport,
  toolsReport,
  trendReport,
  trendsReport,
} from './reports.ts';
import { weekReport } from './week-report.ts';

/** One path of the api function that is read, with GET; `docs/api.md` is written from this list. */
export interface Endpoint {
  readonly summary: string;
  /**
   * Who may read it: `anyone` whom the front door admits; a `tenant`, which sees its own calls only (the operator sees
   * all); or the `operator` alone.
   */
  readonly readers: 'anyone' | 'tenant' | 'operator';
  readonly query: z.ZodObject;
  /** The JSON answered with status 200; absent where the answer is not JSON. */
  readonly answer?: z.ZodObject;
  /**
   * Where in the answer its list is, as fields with dots between them: it can be had as CSV too, and the query has
   * `format`.
   */
  readonly list?: string;
}

/** By path; `:name` is the name of a tool or a rule and `:id` an id, percent-encoded. */
export const ENDPOINTS = {
  '/': { summary: 'The page, as HTML.', readers: 'anyone', query: noQuery },
  '/reference': { summary: 'This reference of every request, as HTML.', readers: 'anyone', query: noQuery },
  '/v1/openapi.json': {
    summary: 'The same for programs, as OpenAPI 3.1.',
    readers: 'anyone',
    query: noQuery,
  },
  '/health': {
    summary: 'The state of the store and of what depends on it. Status 503 when unhealthy. Contains no tenant’s data.',
    readers: 'anyone',
    query: noQuery,
    answer: healthReport,
  },
  '/health/ready': {
    summary: 'The overall state only. Status 503 when unhealthy.',
    readers: 'anyone',
    query: noQuery,
    answer: readinessReport,
  },
  '/health/live': {
    summary: 'That the function runs; it asks nothing of the database.',
    readers: 'anyone',
    query: noQuery,
    answer: livenessReport,
  },
  '/metrics': {
    summary: 'Metrics in the text format of Prometheus, or as OpenMetrics where the header Accept asks for it.',
    readers: 'operator',
    query: noQuery,
  },
  '/v1/tools': {
    summary: 'The health of every tool that was called in the last 24 hours.',
    readers: 'tenant',
    query: listQuery,
    answer: toolsReport,
    list: 'tools',
  },
  '/v1/tools/:name': {
    summary: 'The health of one tool. Status 404 when it was not called in the last 24 hours.',
    readers: 'tenant',
    query: noQuery,
    answer: toolReport,
  },
  '/v1/tools/:name/detail': {
    summary:
      'Everything of one tool but its trend: percentiles, cold and warm starts, callers, thresholds, deployments, cost.',
    readers: 'tenant',
    query: noQuery,
    answer: toolDetail,
  },
  '/v1/tools/:name/trend': {
    summary: 'One tool in the last hour, day, week or thirty days, in steps.',
    readers: 'tenant',
    query: trendQuery,
    answer: trendReport,
    list: 'points',
  },
  '/v1/trends': {
    summary: 'Every tool that was called in the last three hours, in the same steps.',
    readers: 'tenant',
    query: noQuery,
    answer: trendsReport,
  },
  '/v1/failures': {
    summary: 'Failed calls, newest first, as fresh as ingest.',
    readers: 'tenant',
    query: failuresQuery,
    answer: failuresReport,
    list: 'failures',
  },
  '/v1/calls': {
    summary: 'Calls that fit all parameters, newest first, as fresh as ingest.',
    readers: 'tenant',
    query: callsQuery,
    answer: callsReport,
    list: 'calls',
  },
  '/v1/calls/:id': {
    summary:
      'One call with everything stored of it, and the calls around it: its thread, parent, children and repeats.',
    readers: 'tenant',
    query: callQuery,
    answer: callReport,
  },
  '/v1/sessions': {
    summary: 'Sessions of clients, those with the newest calls first, as fresh as ingest.',
    readers: 'tenant',
    query: sessionsQuery,
    answer: sessionsReport,
    list: 'sessions',
  },
  '/v1/sessions/:id': {
    summary:
      'One session: what it called, from tool to tool. Status 404 without a call in the window; 409 to the operator when ' +
      'several tenants have such an id.',
    readers: 'tenant',
    query: sessionQuery,
    answer: sessionReport,
    list: 'journey',
  },
  '/v1/counts': {
    summary: 'How many calls of each tool are stored, per quarter of an hour, as fresh as ingest.',
    readers: 'tenant',
    query: countsQuery,
    answer: countsReport,
    list: 'counts',
  },
  '/v1/deployments': {
    summary: 'Deployments, newest first, with each tool’s failures before and since the newest.',
    readers: 'tenant',
    query: deploymentsQuery,
    answer: deploymentsReport,
    list: 'deployments',
  },
  '/v1/errors': {
    summary: 'The failures of all tools in the last 24 hours, against the limits of 100 and 500.',
    readers: 'tenant',
    query: noQuery,
    answer: errorsReport,
  },
  '/v1/error-groups': {
    summary: 'Failures that are one failure, with their state: groups of the calls that the reader sees.',
    readers: 'tenant',
    query: errorGroupsQuery,
    answer: errorGroupsReport,
    list: 'groups',
  },
  '/v1/error-groups/:id': {
    summary: 'One group, with calls of it and its trend. Status 404 when the reader sees no call of it.',
    readers: 'tenant',
    query: noQuery,
    answer: errorGroupReport,
  },
  '/v1/upstream-errors': {
    summary: 'What outside services do to all tools that depend on them: groups joined by provider, code and type.',
    readers: 'tenant',
    query: upstreamErrorsQuery,
    answer: upstreamErrorsReport,
    list: 'upstream_errors',
  },
  '/v1/providers': {
    summary:
      'Outside services by the calls that depend on them: failures by fault, domains, tools, and what was before.',
    readers: 'tenant',
    query: providersQuery,
    answer: providersReport,
    list: 'providers',
  },
  '/v1/kpis': {
    summary: 'Business figures: each measure that calls report, by the day, against as many days before.',
    readers: 'tenant',
    query: kpisQuery,
    answer: kpisReport,
    list: 'kpis',
  },
  '/v1/costs': {
    summary: 'What calls of tools cost, by the tool and by the day: what they report, and their time on Lambda.',
    readers: 'tenant',
    query: costsQuery,
    answer: costsReport,
    list: 'tools',
  },
  '/v1/adoption': {
    summary: 'Who uses the tools, by the week: tenants, users, sessions; and which tools nobody calls.',
    readers: 'tenant',
    query: adoptionQuery,
    answer: adoptionReport,
    list: 'weeks',
  },
  '/v1/alerts': {
    summary: 'What needs attention now beside the tools: webhooks, rules, rate limits, requests, queries.',
    readers: 'tenant',
    query: rowsQuery,
    answer: alertsReport,
    list: 'alerts',
  },
  '/v1/webhooks': {
    summary: 'Every webhook, with its deliveries over all hours retained.',
    readers: 'tenant',
    query: rowsQuery,
    answer: webhooksReport,
    list: 'webhooks',
  },
  '/v1/webhooks/:id': {
    summary: 'One webhook. Status 404 without a delivery; 409 to the operator when several tenants have such an id.',
    readers: 'tenant',
    query: noQuery,
    answer: webhookReport,
  },
  '/v1/rules': {
    summary: 'Every rule, with its runs over all hours retained.',
    readers: 'tenant',
    query: rowsQuery,
    answer: rulesReport,
    list: 'rules',
  },
  '/v1/rate-limits': {
    summary: 'How much of each rate limit is used, as calls last reported it.',
    readers: 'tenant',
    query: rowsQuery,
    answer: rateLimitsReport,
    list: 'rate_limits',
  },
  '/v1/monitoring/metrics': {
    summary: 'Webhooks, rules, rate limits and what needs attention in one answer; of each list the first 100.',
    readers: 'tenant',
    query: monitoringQuery,
    answer: monitoringReport,
  },
  '/v1/analytics': {
    summary: 'Operations at outside systems, of calls that name a domain: figures of all, and the newest.',
    readers: 'tenant',
    query: analyticsQuery,
    answer: analyticsReport,
    list: 'data.metrics',
  },
  '/api/woocommerce/analytics': {
    summary: 'The same of WooCommerce shops.',
    readers: 'tenant',
    query: shopAnalyticsQuery,
    answer: analyticsReport,
    list: 'data.metrics',
  },
  '/api/woocommerce/health': {
    summary: 'How WooCommerce shops answered in the last hour, by the domain that operations name.',
    readers: 'tenant',
    query: listQuery,
    answer: shopHealthReport,
    list: 'data.health_checks',
  },
  '/api/observability/dashboard': {
    summary: 'Health, tools and metrics in one answer.',
    readers: 'operator',
    query: noQuery,
    answer: dashboardReport,
  },
  '/api/observability/metrics/snapshot': {
    summary: 'All metrics of /metrics as JSON, histograms as their sum and count.',
    readers: 'operator',
    query: noQuery,
    answer: snapshotReport,
  },
  '/api/observability/metrics/:name': {
    summary: 'One of these metrics, with the buckets of a histogram. Status 404 when there is none of this name.',
    readers: 'operator',
    query: noQuery,
    answer: metricReport,
  },
  '/v1/incidents': {
    summary: 'Incidents that people were notified of, newest first.',
    readers: 'operator',
    query: incidentsQuery,
    answer: incidentsReport,
    list: 'incidents',
  },
  '/v1/incidents/facts': {
    summary:
      'What is known about an incident: its calls, whose fault they are, what changed, and whether it was seen before.',
    readers: 'operator',
    query: incidentFactsQuery,
    answer: incidentFactsReport,
  },
  '/v1/incidents/:id': {
    summary:
      'One incident: who was notified of what and when, what was deployed and changed meanwhile, and what came before.',
    readers: 'operator',
    query: noQuery,
    answer: incidentReport,
  },
  '/v1/alert-rules': {
    summary: 'The rules by which people are notified, what each found last, and whether it holds.',
    readers: 'operator',
    query: listQuery,
    answer: alertRulesReport,
    list: 'rules',
  },
  '/v1/alert-rules/:name': {
    summary: 'One of these rules, with what it holds for. Status 404 when there is none of this name.',
    readers: 'operator',
    query: listQuery,
    answer: alertRuleReport,
    list: 'findings',
  },
  '/v1/jobs': {
    summary: 'Jobs that fit all parameters, those received last first.',
    readers: 'tenant',
    query: jobsQuery,
    answer: jobsReport,
    list: 'jobs',
  },
  '/v1/jobs/:id': {
    summary: 'One job, with the calls that were made for it.',
    readers: 'tenant',
    query: listQuery,
    answer: jobReport,
    list: 'calls',
  },
  '/v1/jobs/:id/payload': {
    summary:
      'What arrived as a job, as it arrived: as JSON where it is JSON, else as text. Nothing in it is made unreadable. ' +
      'Status 404 once it was erased.',
    readers: 'operator',
    query: noQuery,
  },
  '/v1/job-replays/:id': {
    summary: 'How far a bulk replay has come.',
    readers: 'operator',
    query: noQuery,
    answer: bulkReplayReport,
  },
  '/v1/queues': {
    summary: 'What waits, runs and fails, by the source of jobs; other queues and synchronisations by their calls.',
    readers: 'tenant',
    query: listQuery,
    answer: queuesReport,
    list: 'sources',
  },
  '/v1/reports/week': {
    summary: 'Seven days: the best and worst tools, incidents and which needed nothing, mutes, deployments.',
    readers: 'operator',
    query: weekQuery,
    answer: weekReport,
  },
  '/v1/store': {
    summary: 'The state of the store itself: indexes, partitions, waiting batches, certificate.',
    readers: 'operator',
    query: noQuery,
    answer: storeReport,
  },
} as const satisfies Readonly<Record<`/${string}`, Endpoint>>;

export type EndpointPath = keyof typeof ENDPOINTS;
