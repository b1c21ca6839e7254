import { HttpError, Router } from '@aws-lambda-powertools/event-handler/http';
import type { EndpointPath } from '../contract/endpoints.ts';
import type { FrontDoorEnv } from '../contract/env.ts';
import type { Database } from '../database/database.ts';
import {
  getCalls,
  getCounts,
  getDeployments,
  getFailures,
  getHealth,
  getLiveness,
  getMetrics,
  getPage,
  getReadiness,
  getStore,
  getTool,
  getTools,
  getToolTrend,
  getTrends,
  type RouteHandler,
  type RouteParts,
  toJsonError,
} from './handlers.ts';
import { createHealthCheck } from './health.ts';
import { createPageRoute } from './page.ts';
import { requesterOf } from './requester.ts';

export interface ApiParts {
  database: Database;
  service: string;
  version: string;
  /** How the sender of a request is identified. */
  frontDoor: FrontDoorEnv;
  /** The page's HTML. */
  page: string;
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
  '/v1/store': getStore,
  '/v1/deployments': getDeployments,
};

/** The api's router: the routes, their headers, and the answers to errors. */
export const createRouter = ({ database, service, version, frontDoor, page, onError }: ApiParts): Router => {
  const parts: RouteParts = {
    database,
    servePage: createPageRoute(page),
    checkHealth: createHealthCheck(database, { service, version }),
    ...requesterOf(frontDoor),
  };
  const router = new Router();
  router.use(async ({ reqCtx, next }) => {
    await next();
    reqCtx.res.headers.set('x-content-type-options', 'nosniff');
    if (!reqCtx.res.headers.has('cache-control')) reqCtx.res.headers.set('cache-control', 'no-store');
  });
  router.errorHandler(Error, async (error) => {
    if (error instanceof HttpError) return toJsonError(error.statusCode, error.message);
    onError(error);
    return toJsonError(503, 'The store does not answer. Try again in a minute; /health says more.');
  });
  router.notFound(async () =>
    toJsonError(404, 'There is nothing at this path. Try /, /v1/tools, /v1/failures, /metrics or /health.'),
  );
  router.methodNotAllowed(async () => toJsonError(405, 'All paths are read-only. Use GET.'));
  for (const [path, handle] of Object.entries(HANDLERS))
    router.get(path as EndpointPath, async (context) => handle(parts, context));
  return router;
};
