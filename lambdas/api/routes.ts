import { Router } from '@aws-lambda-powertools/event-handler/http';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import type { EndpointPath } from '../contract/endpoints.ts';
import type { FrontDoorEnv } from '../contract/env.ts';
import type { ExpectedComponents } from '../contract/health/components.ts';
import type { PageSignIn } from '../contract/sign-in.ts';
import type { Database } from '../database/database.ts';
import { answerError, toJsonError } from './errors.ts';
import {
  getCalls,
  getCounts,
  getDeployments,
  getFailures,
  getHealth,
  getLiveness,
  getPage,
  getReadiness,
  getStore,
  getTool,
  getTools,
  getToolTrend,
  getTrends,
  type RouteHandler,
  type RouteParts,
} from './handlers.ts';
import { createHealthCheck } from './health.ts';
import { getIncidentFacts } from './incident-facts.ts';
import { getMetrics } from './metrics/get-metrics.ts';
import { getAlerts, getErrors, getMonitoring, getRateLimits, getRules, getWebhook, getWebhooks } from './monitoring.ts';
import { createPageRoute } from './page.ts';
import { requesterOf } from './requester.ts';
import { ALLOWED_METHODS, toRoutable } from './routable.ts';

export interface ApiParts {
  database: Database;
  service: string;
  version: string;
  /** What /health reports beside the store: the providers of tools, and the checks that results are expected of. */
  expected?: ExpectedComponents;
  /** How the sender of a request is identified. */
  frontDoor: FrontDoorEnv;
  /** The page's HTML. */
  page: string;
  /** How people sign in on the page, where the issuer has a client for it. */
  signIn?: PageSignIn | undefined;
  /** Called with every error that is not the requester's fault. */
  onError(error: Error): void;
}

/** The handler of each endpoint. They only read; each answer about tools says how old its figures are. */
const HANDLERS: Readonly<Record<EndpointPath, RouteHandler>> = {
  '/': getPage,
  '/health/live': getLiveness,
  '/health': getHealth,
  '/health/ready': getReadiness,
  '/metrics': getMetrics,
  '/v1/tools': getTools,
  '/v1/tools/:name': getTool,
  '/v1/tools/:name/trend': getToolTrend,
  '/v1/trends': getTrends,
  '/v1/failures': getFailures,
  '/v1/calls': getCalls,
  '/v1/counts': getCounts,
  '/v1/errors': getErrors,
  '/v1/alerts': getAlerts,
  '/v1/webhooks': getWebhooks,
  '/v1/webhooks/:id': getWebhook,
  '/v1/rules': getRules,
  '/v1/rate-limits': getRateLimits,
  '/v1/monitoring/metrics': getMonitoring,
  '/v1/incidents/facts': getIncidentFacts,
  '/v1/store': getStore,
  '/v1/deployments': getDeployments,
};

/** Answers requests in payload format 2.0. */
export interface ApiRouter {
  resolve(event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyStructuredResultV2>;
}

const HEADERS = { 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' };

const answerMethodNotAllowed = async (): Promise<Response> => {
  const response = toJsonError(405, 'All paths are read-only. Use GET.');
  response.headers.set('allow', ALLOWED_METHODS);
  return response;
};

/** The api's router: the routes, their headers, and the answers to errors. */
export const createRouter = ({
  database,
  service,
  version,
  expected = { providers: [], checks: [] },
  frontDoor,
  page,
  signIn,
  onError,
}: ApiParts): ApiRouter => {
  const parts: RouteParts = {
    database,
    servePage: createPageRoute(page, signIn ?? (frontDoor.JWT_ISSUER === undefined ? 'none' : 'token')),
    checkHealth: createHealthCheck(database, { service, version }, expected),
    ...requesterOf(frontDoor),
  };
  const router = new Router();
  router.errorHandler(Error, async (error, context) => answerError(error, context, onError));
  router.notFound(async () =>
    toJsonError(404, 'There is nothing at this path. Try /, /v1/tools, /v1/failures, /metrics or /health.'),
  );
  for (const [path, handle] of Object.entries(HANDLERS)) {
    router.get(path as EndpointPath, async (context) => handle(parts, context));
    router.post(path as EndpointPath, answerMethodNotAllowed);
  }
  return {
    resolve: async (event, context) => {
      const { headers, ...result } = await router.resolve(toRoutable(event), context);
      const isHead = event.requestContext.http.method.toUpperCase() === 'HEAD';
      return { ...result, headers: { ...HEADERS, ...headers }, ...(isHead && { body: '' }) };
    },
  };
};
