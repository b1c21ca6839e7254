import { Router } from '@aws-lambda-powertools/event-handler/http';
import type { RequestContext } from '@aws-lambda-powertools/event-handler/types';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { CostFacts } from '../contract/api/costs.ts';
import { CHANGES, type ChangeKey } from '../contract/changes.ts';
import type { EndpointPath } from '../contract/endpoints.ts';
import type { FrontDoorEnv } from '../contract/env/front-door.ts';
import type { ExpectedComponents } from '../contract/health/components.ts';
import { splitRequestName } from '../contract/request-names.ts';
import type { PageSignIn } from '../contract/sign-in.ts';
import { getAdoption } from './adoption/adoption.ts';
import {
  getAlertRule,
  getAlertRules,
  putAlertRule,
  removeAlertRule,
  switchAlertRule,
} from './alert-rules/alert-rules.ts';
import { backtest } from './alert-rules/backtest.ts';
import { getCounts, getFailures } from './calls/failures-and-counts.ts';
import { getCalls } from './calls/list-calls.ts';
import { type CallLogPage, logPageOf } from './calls/log-page.ts';
import { getCall } from './calls/one-call.ts';
import type { ChangeContext, ChangeHandler, ChangeParts } from './changes/change-handler.ts';
import { getCosts } from './costs/costs.ts';
import { getAnalytics, getShopAnalytics, getShopHealth } from './earlier-systems/analytics.ts';
import { getDashboard, getMetric, getSnapshot } from './earlier-systems/observability.ts';
import { changeErrorGroup, getErrorGroup, getErrorGroups, getUpstreamErrors } from './error-groups/error-groups.ts';
import { createHealthCheck } from './health/health.ts';
import { getHealth, getLiveness, getReadiness } from './health/health-routes.ts';
import { getIncidentFacts } from './incidents/incident-facts.ts';
import { getIncident, getIncidents } from './incidents/incidents.ts';
import { getBulkReplay, startBulkReplay, switchBulkReplay } from './jobs/bulk-replay.ts';
import { hastenJobs, quarantineJob, releaseJob, replayJob } from './jobs/change-jobs.ts';
import { getJob, getJobs, getPayload } from './jobs/jobs.ts';
import { pauseSource, pauseTool, resumeSource, resumeTool } from './jobs/pauses.ts';
import { getQueues } from './jobs/queues.ts';
import { requestJobs } from './jobs/request-jobs.ts';
import { getKpis } from './kpis/kpis.ts';
import { getMetrics } from './metrics/get-metrics.ts';
import {
  getAlerts,
  getErrors,
  getMonitoring,
  getRateLimits,
  getRules,
  getWebhook,
  getWebhooks,
} from './monitoring/monitoring.ts';
import { createDocumentRoute, createJsonRoute, getOpenApi, getReference } from './pages/documents.ts';
import { createPageRoute, getPage } from './pages/page.ts';
import { getProviders } from './providers/providers.ts';
import { getDeployments } from './reports/deployments.ts';
import { getStore } from './reports/store.ts';
import { getWeekReport } from './reports/week-report.ts';
import { answerConditionally } from './request/conditional.ts';
import { answerError, answerProblem } from './request/errors.ts';
import { answerInFormat } from './request/list-format.ts';
import { requesterOf } from './request/requester.ts';
import { OTHER_METHODS, toRoutable } from './request/routable.ts';
import type { RouteHandler, RouteParts } from './route-handler.ts';
import { getSession, getSessions } from './sessions/sessions.ts';
import { getToolDetail } from './tools/tool-detail.ts';
import { getTool, getTools, getToolTrend, getTrends } from './tools/tools.ts';

export interface ApiParts
  extends Pick<ChangeParts, 'database' | 'editor'>,
    Partial<Pick<ChangeParts, 'channelNames' | 'jobAttempts'>> {
  service: string;
  version: string;
  /** What /health reports beside the store: the providers of tools, and the checks that results are expected of. */
  expected?: ExpectedComponents;
  /** How the sender of a request is identified. */
  frontDoor: FrontDoorEnv;
  /** The page's HTML. */
  page: string;
  /** The reference of the API as HTML, and as OpenAPI; each is read when it is asked for first. */
  reference(): string;
  openApi(): string;
  /** What the costs of calls are computed from; read when it is asked for first. */
  costFacts(): CostFacts;
  /** Where the lines of calls can be looked at. */
  callLog?: CallLogPage | undefined;
  /** How people sign in on the page, where the issuer has a client for it. */
  signIn?: PageSignIn | undefined;
  /** Called with every error that is not the requester's fault. */
  onError(error: Error): void;
}

/** The handler of each endpoint that is read. Each answer about tools says how old its figures are. */
const HANDLERS: Readonly<Record<EndpointPath, RouteHandler>> = {
  '/': getPage,
  '/reference': getReference,
  '/v1/openapi.json': getOpenApi,
  '/health/live': getLiveness,
  '/health': getHealth,
  '/health/ready': getReadiness,
  '/metrics': getMetrics,
  '/v1/tools': getTools,
  '/v1/tools/:name': getTool,
  '/v1/tools/:name/detail': getToolDetail,
  '/v1/tools/:name/trend': getToolTrend,
  '/v1/trends': getTrends,
  '/v1/failures': getFailures,
  '/v1/calls': getCalls,
  '/v1/calls/:id': getCall,
  '/v1/sessions': getSessions,
  '/v1/sessions/:id': getSession,
  '/v1/counts': getCounts,
  '/v1/errors': getErrors,
  '/v1/error-groups': getErrorGroups,
  '/v1/error-groups/:id': getErrorGroup,
  '/v1/upstream-errors': getUpstreamErrors,
  '/v1/providers': getProviders,
  '/v1/kpis': getKpis,
  '/v1/costs': getCosts,
  '/v1/adoption': getAdoption,
  '/v1/alerts': getAlerts,
  '/v1/webhooks': getWebhooks,
  '/v1/webhooks/:id': getWebhook,
  '/v1/rules': getRules,
  '/v1/rate-limits': getRateLimits,
  '/v1/monitoring/metrics': getMonitoring,
  '/v1/analytics': getAnalytics,
  '/api/woocommerce/analytics': getShopAnalytics,
  '/api/woocommerce/health': getShopHealth,
  '/api/observability/dashboard': getDashboard,
  '/api/observability/metrics/snapshot': getSnapshot,
  '/api/observability/metrics/:name': getMetric,
  '/v1/incidents': getIncidents,
  '/v1/incidents/facts': getIncidentFacts,
  '/v1/incidents/:id': getIncident,
  '/v1/alert-rules': getAlertRules,
  '/v1/alert-rules/:name': getAlertRule,
  '/v1/jobs': getJobs,
  '/v1/jobs/:id': getJob,
  '/v1/jobs/:id/payload': getPayload,
  '/v1/job-replays/:id': getBulkReplay,
  '/v1/queues': getQueues,
  '/v1/reports/week': getWeekReport,
  '/v1/store': getStore,
  '/v1/deployments': getDeployments,
};

/** The handler of each change. */
const CHANGE_HANDLERS: Readonly<Record<ChangeKey, ChangeHandler>> = {
  'PUT /v1/alert-rules/:name': putAlertRule,
  'PUT /v1/alert-rules/:name/enabled': switchAlertRule,
  'DELETE /v1/alert-rules/:name': removeAlertRule,
  'POST /v1/alert-rules/backtest': backtest,
  'PUT /v1/error-groups/:id': changeErrorGroup,
  'POST /v1/jobs': requestJobs,
  'POST /v1/jobs/process-pending': hastenJobs,
  'POST /v1/jobs/:id/replay': replayJob,
  'POST /v1/jobs/:id/quarantine': quarantineJob,
  'POST /v1/jobs/:id/release': releaseJob,
  'PUT /v1/job-pauses/source/:name': pauseSource,
  'DELETE /v1/job-pauses/source/:name': resumeSource,
  'PUT /v1/job-pauses/tool/:name': pauseTool,
  'DELETE /v1/job-pauses/tool/:name': resumeTool,
  'POST /v1/job-replays': startBulkReplay,
  'PUT /v1/job-replays/:id/status': switchBulkReplay,
  'POST /api/jobs/process-pending': hastenJobs,
  'POST /api/admin/events/:id/replay': replayJob,
  'POST /api/admin/events/:id/quarantine': quarantineJob,
};

/** Answers requests in payload format 2.0. */
export interface ApiRouter {
  resolve(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2>;
}

const HEADERS = { 'x-content-type-options': 'nosniff' };

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', OTHER_METHODS] as const;
type Method = (typeof METHODS)[number];
type Path = `/${string}`;

/** By path and method, what is answered. */
const CHANGES_BY_PATH = new Map<Path, Partial<Record<Method, ChangeHandler>>>();
for (const key of Object.keys(CHANGES) as ChangeKey[]) {
  const [method, path] = splitRequestName(key);
  CHANGES_BY_PATH.set(path, { ...CHANGES_BY_PATH.get(path), [method]: CHANGE_HANDLERS[key] });
}
const PATHS = new Set([...(Object.keys(HANDLERS) as EndpointPath[]), ...CHANGES_BY_PATH.keys()]);

/** The answer to a method that a path does not have. */
const answerMethodNotAllowed = (path: Path): Response => {
  const allowed = [...(path in HANDLERS ? ['GET', 'HEAD'] : []), ...Object.keys(CHANGES_BY_PATH.get(path) ?? {})];
  const response = answerProblem(405, `This path takes ${allowed.join(', ')}.`);
  response.headers.set('allow', allowed.join(', '));
  return response;
};

const readOnce = <Content>(read: () => Content): (() => Content) => {
  let known: Content | undefined;
  return () => {
    known ??= read();
    return known;
  };
};

/** The api's router: the routes, their headers, and the answers to errors. */
export const createRouter = ({
  database,
  editor,
  channelNames = [],
  jobAttempts,
  service,
  version,
  expected = { providers: [], checks: [] },
  frontDoor,
  page,
  reference,
  openApi,
  costFacts,
  callLog,
  signIn,
  onError,
}: ApiParts): ApiRouter => {
  const requester = requesterOf(frontDoor);
  const parts: RouteParts = {
    database,
    servePage: createPageRoute(page, signIn ?? (frontDoor.JWT_ISSUER === undefined ? 'none' : 'token')),
    serveReference: createDocumentRoute(reference),
    serveOpenApi: createJsonRoute(openApi),
    readCostFacts: readOnce(costFacts),
    logPageOf: logPageOf(callLog),
    checkHealth: createHealthCheck(database, { service, version }, expected),
    ...requester,
  };
  const hasTenants = frontDoor.TOOLWATCH_TENANTS === 'on';
  const changeParts: ChangeParts = { database, editor, channelNames, jobAttempts, hasTenants };
  const answer = (path: Path, method: Method, context: RequestContext): Response | Promise<Response> => {
    const change = CHANGES_BY_PATH.get(path)?.[method];
    if (change) return change(changeParts, context as ChangeContext, requester.changeOnly(context));
    return answerMethodNotAllowed(path);
  };
  const router = new Router();
  router.errorHandler(Error, async (error, context) => answerError(error, context, onError));
  router.notFound(async () => answerProblem(404, 'There is nothing at this path. /reference lists what there is.'));
  for (const path of PATHS)
    for (const method of METHODS) {
      const read = method === 'GET' ? HANDLERS[path as EndpointPath] : undefined;
      router.route(
        async (context) =>
          read
            ? answerInFormat(path as EndpointPath, context.req, () => read(parts, context))
            : answer(path, method, context),
        { path, method },
      );
    }
  return {
    resolve: async (event, context) => {
      const { headers, ...result } = await router.resolve(toRoutable(event), context);
      return answerConditionally(event, { ...result, headers: { ...HEADERS, ...headers } });
    },
  };
};
