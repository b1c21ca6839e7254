import { deploymentsQuery } from '../../contract/queries.ts';
import type { DeploymentNote, DeploymentsReport, ToolSinceDeployment } from '../../contract/reports.ts';
import { parseQuery } from '../request/query.ts';
import { readFreshness, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

/** GET /v1/deployments */
export const getDeployments: RouteHandler = async ({ database, tenantOf }, context) => {
  const { limit } = parseQuery(deploymentsQuery, context.req);
  const report: DeploymentsReport = await readStore(database, tenantOf(context), async (reader) => ({
    ...(await readFreshness(reader)),
    deployments: await reader.rows<DeploymentNote>('deployments', [limit]),
    tools: await reader.rows<ToolSinceDeployment>('errors-since-deployment', [null]),
  }));
  return Response.json(report);
};
