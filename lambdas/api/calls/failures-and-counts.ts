import { countsQuery, failuresQuery } from '../../contract/queries.ts';
import type { CallCount, CountsReport, Failure, FailuresReport } from '../../contract/reports.ts';
import { parseQuery } from '../request/query.ts';
import { readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

/** GET /v1/failures */
export const getFailures: RouteHandler = async ({ database, tenantOf }, context) => {
  const { tool, fault, minutes, limit } = parseQuery(failuresQuery, context.req);
  const report: FailuresReport = await readStore(database, tenantOf(context), async (reader) => ({
    failures: await reader.rows<Failure>('failures', [minutes, tool ?? null, fault ?? null, limit]),
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
