import { HttpError, Router } from '@aws-lambda-powertools/event-handler/http';
import type { FrontDoorEnv } from '../contract/env.ts';
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
  StoreReport,
  ToolHealth,
  ToolSinceDeployment,
  ToolsReport,
  TrendReport,
  TrendsReport,
} from '../contract/reports.ts';
import type { Database } from '../database/database.ts';
import { healthOf } from './health.ts';
import { pageOf } from './page.ts';
import { type CallTotal, formatPrometheus } from './prometheus.ts';
import { callsQuery, countsQuery, deploymentsQuery, failuresQuery, noQuery, queryOf } from './query.ts';
import { createReader, type Reader } from './reader.ts';
import { requesterOf } from './requester.ts';

export interface ApiParts {
  database: Database;
  service: string;
  version: string;
  /** How whoever asks is known. */
  frontDoor: FrontDoorEnv;
  /** The page's HTML. */
  page: string;
  /** Told of every error that is not the asker's. */
  onError(error: Error): void;
}

type Freshness = Pick<ToolsReport, 'refreshed_at' | 'age_seconds'>;

const freshness = async (reader: Reader): Promise<Freshness> => {
  const [row] = await reader.rows<Freshness>('freshness');
  return row ?? { refreshed_at: null, age_seconds: null };
};

const toolsReportOf = async (reader: Reader): Promise<ToolsReport> => ({
  ...(await freshness(reader)),
  tools: await reader.rows<ToolHealth>('tools', [null]),
});

/** A path's parameter as it was before it was put into the path. */
const named = (params: Record<string, string>): string => decodeURIComponent(params.name ?? '');

const noSuchTool = (name: string) =>
  `There is no tool called ${name}, and none of that name was called in the last 24 hours.`;

/** Every route there is. Reads only; each answer about tools says how late it is. */
export const routesOf = ({ database, service, version, frontDoor, page, onError }: ApiParts): Router => {
  const health = healthOf(database, { service, version });
  const shown = pageOf(page);
  const router = new Router();
  const { tenantOf, houseOnly } = requesterOf(frontDoor);
  const told = (status: number, message: string) => Response.json({ error: { message } }, { status });
  const statusOf = ({ status }: HealthReport) => (status === 'unhealthy' ? 503 : 200);

  router.use(async ({ reqCtx, next }) => {
    await next();
    reqCtx.res.headers.set('x-content-type-options', 'nosniff');
    if (!reqCtx.res.headers.has('cache-control')) reqCtx.res.headers.set('cache-control', 'no-store');
  });
  router.errorHandler(Error, async (error) => {
    if (error instanceof HttpError) return told(error.statusCode, error.message);
    onError(error);
    return told(503, 'The store does not answer. Try again in a minute; /health says more.');
  });
  router.notFound(async () => told(404, 'There is nothing here. Try /, /v1/tools, /v1/failures, /metrics or /health.'));
  router.methodNotAllowed(async () => told(405, 'This can only be read: use GET.'));

  router.get('/', async () => shown());
  router.get('/health/live', async () => Response.json({ status: 'ok' }));
  router.get('/health', async () => {
    const report = await health(new Date());
    return Response.json(report, { status: statusOf(report) });
  });
  router.get('/health/ready', async () => {
    const report = await health(new Date());
    return Response.json({ status: report.status }, { status: statusOf(report) });
  });

  router.get('/metrics', async (asked) => {
    houseOnly(asked);
    const { totals, report } = await createReader(database, undefined, async (reader) => ({
      totals: await reader.rows<CallTotal>('totals'),
      report: await toolsReportOf(reader),
    }));
    return new Response(formatPrometheus(totals, report, await health(new Date())), {
      headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    });
  });

  router.get('/v1/tools', async (asked) => {
    queryOf(noQuery, asked.req);
    return Response.json(await createReader(database, tenantOf(asked), toolsReportOf));
  });
  router.get('/v1/tools/:name', async (asked) => {
    queryOf(noQuery, asked.req);
    const name = named(asked.params);
    const report = await createReader(database, tenantOf(asked), async (reader) => ({
      ...(await freshness(reader)),
      tool: (await reader.rows<ToolHealth>('tools', [name]))[0],
    }));
    return report.tool ? Response.json(report) : told(404, noSuchTool(name));
  });
  router.get('/v1/tools/:name/trend', async (asked) => {
    queryOf(noQuery, asked.req);
    const name = named(asked.params);
    const report: TrendReport = await createReader(database, tenantOf(asked), async (reader) => ({
      ...(await freshness(reader)),
      tool_name: name,
      points: await reader.rows<TrendReport['points'][number]>('trend', [name]),
    }));
    return Response.json(report);
  });
  router.get('/v1/trends', async (asked) => {
    queryOf(noQuery, asked.req);
    const report: TrendsReport = await createReader(database, tenantOf(asked), async (reader) => ({
      ...(await freshness(reader)),
      trends: await reader.rows<TrendsReport['trends'][number]>('trends'),
    }));
    return Response.json(report);
  });
  router.get('/v1/failures', async (asked) => {
    const { tool, fault, minutes, limit } = queryOf(failuresQuery, asked.req);
    const report: FailuresReport = await createReader(database, tenantOf(asked), async (reader) => ({
      failures: await reader.rows<Failure>('failures', [minutes, tool ?? null, fault ?? null, limit]),
    }));
    return Response.json(report);
  });
  router.get('/v1/calls', async (asked) => {
    const { correlation_id, minutes } = queryOf(callsQuery, asked.req);
    const report: CallsReport = await createReader(database, tenantOf(asked), async (reader) => ({
      calls: await reader.rows<Call>('calls', [correlation_id, minutes]),
    }));
    return Response.json(report);
  });
  router.get('/v1/counts', async (asked) => {
    const { from, quarters } = queryOf(countsQuery, asked.req);
    const report: CountsReport = await createReader(database, tenantOf(asked), async (reader) => ({
      counts: await reader.rows<CallCount>('counts', [from, quarters]),
    }));
    return Response.json(report);
  });
  router.get('/v1/store', async (asked) => {
    queryOf(noQuery, asked.req);
    houseOnly(asked);
    const report = await createReader(database, undefined, async (reader) => ({
      ...(await freshness(reader)),
      ...(await reader.rows<Omit<StoreReport, keyof Freshness>>('store'))[0],
      certificate_until: reader.certificateUntil(),
    }));
    return Response.json(report);
  });
  router.get('/v1/deployments', async (asked) => {
    const { limit } = queryOf(deploymentsQuery, asked.req);
    const report: DeploymentsReport = await createReader(database, tenantOf(asked), async (reader) => ({
      ...(await freshness(reader)),
      deployments: await reader.rows<DeploymentNote>('deployments', [limit]),
      tools: await reader.rows<ToolSinceDeployment>('errors-since-deployment'),
    }));
    return Response.json(report);
  });
  return router;
};
