import { DETAIL_SAMPLE, type ToolDetail, type ToolMix } from '../../contract/api/tools.ts';
import { noQuery, toolName } from '../../contract/queries.ts';
import type { DeploymentNote, ToolHealth, ToolSinceDeployment } from '../../contract/reports.ts';
import { parsePath, parseQuery } from '../request/query.ts';
import { readFreshness, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';
import { noSuchTool } from './tools.ts';

/** How many deployments are shown beside a tool. */
const DEPLOYMENTS = 20;

/** GET /v1/tools/{name}/detail */
export const getToolDetail: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(noQuery, context.req);
  const name = parsePath(toolName, 'name', context);
  const report = await readStore(database, tenantOf(context), async (reader): Promise<ToolDetail> => {
    const [tool] = await reader.rows<ToolHealth>('tools', [name]);
    if (!tool) throw noSuchTool(name);
    const [figures] = (await reader.rows<ToolDetail['figures']>('tool-figures', [name])) as [ToolDetail['figures']];
    const [thresholds = null] = await reader.rows<NonNullable<ToolDetail['thresholds']>>('tool-thresholds', [name]);
    const [mix] = (await reader.rows<ToolMix>('tool-mix', [name, DETAIL_SAMPLE])) as [ToolMix];
    const [sinceDeployment = null] = await reader.rows<ToolSinceDeployment>('errors-since-deployment', [name]);
    return {
      ...(await readFreshness(reader)),
      tool,
      figures,
      starts: await reader.rows<ToolDetail['starts'][number]>('tool-starts', [name]),
      thresholds,
      mix,
      since_deployment: sinceDeployment,
      deployments: await reader.rows<DeploymentNote>('deployments', [DEPLOYMENTS]),
    };
  });
  return Response.json(report);
};
