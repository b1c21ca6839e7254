import type { RequestContext } from '@aws-lambda-powertools/event-handler/types';
import { callsQuery, countsQuery, deploymentsQuery, failuresQuery, noQuery } from '../contract/queries.ts';
import type {
  Call,
  CallCount,
  CallsReport,
  CountsReport,
  DeploymentNote,
  DeploymentsReport,
  Failure,
  FailuresReport,
  HealthReport,
  ReadinessReport,
  StoreReport,
  ToolHealth,
  ToolSinceDeployment,
  ToolsReport,
  TrendReport,
  TrendsReport,
} from '../contract/reports.ts';
import type { Database } from '../database/database.ts';
import { toJsonError } from './errors.ts';
import { parseQuery, parseToolName } from './query.ts';
import { type Freshness, type Reader, readFreshness, readStore } from './reader.ts';

/** What the handlers of all routes share. */
export interface RouteParts {
  database: Database;
  servePage(): Response;
  checkHealth(now: Date): Promise<HealthReport>;
  /** The tenant of a request; undefined for the operator. */
  tenantOf(context: RequestContext): string | undefined;
  /** Throws for anyone but the operator. */
  operatorOnly(context: RequestContext): void;
  /** Throws for anyone but the operator and clients that read nothing but metrics. */
  metricsOnly(context: RequestContext): void;
}

export type RouteHandler = (parts: RouteParts, context: RequestContext) => Promise<Response>;

const readToolsReport = async (reader: Reader): Promise<ToolsReport> => ({
  ...(await readFreshness(reader)),
  tools: await reader.rows<ToolHealth>('tools', [null]),
});

const httpStatusOf = ({ status }: HealthReport) => (status === 'unhealthy' ? 503 : 200);

/** GET / */
export const getPage: RouteHandler = async ({ servePage }) => servePage();

/** GET /health/live: that the function runs. */
export const getLiveness: RouteHandler = async () => Response.json({ status: 'ok' });

/** GET /health */
export const getHealth: RouteHandler = async ({ checkHealth }) => {
  const report = await checkHealth(new Date());
  return Response.json(report, { status: httpStatusOf(report) });
};

/** GET /health/ready: the overall status only. */
export const getReadiness: RouteHandler = async ({ checkHealth }) => {
  const report = await checkHealth(new Date());
  const readiness: ReadinessReport = { status: report.status };
  return Response.json(readiness, { status: httpStatusOf(report) });
};

/** GET /v1/tools */
export const getTools: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(noQuery, context.req);
  return Response.json(await readStore(database, tenantOf(context), readToolsReport));
};

/** GET /v1/tools/{name} */
export const getTool: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(noQuery, context.req);
  const name = parseToolName(context.params.name);
  const report = await readStore(database, tenantOf(context), async (reader) => ({
    ...(await readFreshness(reader)),
    tool: (await reader.rows<ToolHealth>('tools', [name]))[0],
  }));
  if (report.tool) return Response.json(report);
  return toJsonError(404, `There is no tool called ${name}, and no tool of that name was called in the last 24 hours.`);
};

/** GET /v1/tools/{name}/trend */
export const getToolTrend: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(noQuery, context.req);
  const name = parseToolName(context.params.name);
  const report: TrendReport = await readStore(database, tenantOf(context), async (reader) => ({
    ...(await readFreshness(reader)),
    tool_name: name,
    points: await reader.rows<TrendReport['points'][number]>('trend', [name]),
  }));
  return Response.json(report);
};

/** GET /v1/trends */
export const getTrends: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(noQuery, context.req);
  const report: TrendsReport = await readStore(database, tenantOf(context), async (reader) => ({
    ...(await readFreshness(reader)),
    trends: await reader.rows<TrendsReport['trends'][number]>('trends'),
  }));
  return Response.json(report);
};

/** GET /v1/failures */
export const getFailures: RouteHandler = async ({ database, tenantOf }, context) => {
  const { tool, fault, minutes, limit } = parseQuery(failuresQuery, context.req);
  const report: FailuresReport = await readStore(database, tenantOf(context), async (reader) => ({
    failures: await reader.rows<Failure>('failures', [minutes, tool ?? null, fault ?? null, limit]),
  }));
  return Response.json(report);
};

/** GET /v1/calls */
export const getCalls: RouteHandler = async ({ database, tenantOf }, context) => {
  const { correlation_id, minutes } = parseQuery(callsQuery, context.req);
  const report: CallsReport = await readStore(database, tenantOf(context), async (reader) => ({
    calls: await reader.rows<Call>('calls', [correlation_id, minutes]),
  }));
  return Response.json(report);
};

/** GET /v1/counts */
export const getCounts: RouteHandler = async ({ database, tenantOf }, context) => {
  const { from, quarters } = parseQuery(countsQuery, context.req);
  const report: CountsReport = await readStore(database, tenantOf(context), async (reader) => ({
    counts: await reader.rows<CallCount>('counts', [from, quarters]),
  }));
  return Response.json(report);
};

/** GET /v1/store */
export const getStore: RouteHandler = async ({ database, operatorOnly }, context) => {
  parseQuery(noQuery, context.req);
  operatorOnly(context);
  const report = await readStore(database, undefined, async (reader) => ({
    ...(await readFreshness(reader)),
    ...(await reader.rows<Omit<StoreReport, keyof Freshness>>('store'))[0],
    certificate_until: reader.certificateUntil(),
  }));
  return Response.json(report);
};

/** GET /v1/deployments */
export const getDeployments: RouteHandler = async ({ database, tenantOf }, context) => {
  const { limit } = parseQuery(deploymentsQuery, context.req);
  const report: DeploymentsReport = await readStore(database, tenantOf(context), async (reader) => ({
    ...(await readFreshness(reader)),
    deployments: await reader.rows<DeploymentNote>('deployments', [limit]),
    tools: await reader.rows<ToolSinceDeployment>('errors-since-deployment'),
  }));
  return Response.json(report);
};
