import { trendQuery } from '../../contract/api/tools.ts';
import { listQuery, noQuery, toolName } from '../../contract/queries.ts';
import type { ToolHealth, ToolsReport, TrendReport, TrendsReport } from '../../contract/reports.ts';
import { RefusedError } from '../request/errors.ts';
import { parsePath, parseQuery } from '../request/query.ts';
import { readFreshness, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

/** What is answered for a tool of which nothing is known. */
export const noSuchTool = (name: string) =>
  new RefusedError(404, `There is no tool called ${name}, and no tool of that name was called in the last 24 hours.`);

/** GET /v1/tools */
export const getTools: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(listQuery, context.req);
  const report = await readStore(
    database,
    tenantOf(context),
    async (reader): Promise<ToolsReport> => ({
      ...(await readFreshness(reader)),
      tools: await reader.rows<ToolHealth>('tools', [null]),
    }),
  );
  return Response.json(report);
};

/** GET /v1/tools/{name} */
export const getTool: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(noQuery, context.req);
  const name = parsePath(toolName, 'name', context);
  const report = await readStore(database, tenantOf(context), async (reader) => ({
    ...(await readFreshness(reader)),
    tool: (await reader.rows<ToolHealth>('tools', [name]))[0],
  }));
  if (!report.tool) throw noSuchTool(name);
  return Response.json(report);
};

/** GET /v1/tools/{name}/trend */
export const getToolTrend: RouteHandler = async ({ database, tenantOf }, context) => {
  const { hours } = parseQuery(trendQuery, context.req);
  const name = parsePath(toolName, 'name', context);
  const report: TrendReport = await readStore(database, tenantOf(context), async (reader) => ({
    ...(await readFreshness(reader)),
    tool_name: name,
    hours: Number(hours),
    points: await reader.rows<TrendReport['points'][number]>('trend', [name, hours]),
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
