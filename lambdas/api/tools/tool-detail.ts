import { DETAIL_SAMPLE, type ToolDetail, type ToolMix, toolDetailQuery } from '../../contract/api/tools.ts';
import { toolName } from '../../contract/queries.ts';
import type { DeploymentNote, ToolHealth, ToolSinceDeployment } from '../../contract/reports.ts';
import { parsePath, parseQuery } from '../request/query.ts';
import { readFreshness, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';
import { noSuchTool } from './tools.ts';

/** How many deployments are shown beside a tool. */
const DEPLOYMENTS = 20;
const NO_CALLS: ToolMix = { calls: 0, is_sample: false, versions: [], clients: [], users: [], tenants: [] };

/** GET /v1/tools/{name}/detail */
export const getToolDetail: RouteHandler = async ({ database, tenantOf }, context) => {
  parseQuery(toolDetailQuery, context.req);
  const name = parsePath(toolName, 'name', context);
  const report = await readStore(database, tenantOf(context), async (reader): Promise<ToolDetail> => {
    const [tool] = await reader.rows<ToolHealth>('tools', [name]);
    if (!tool) throw noSuchTool(name);
    const [figures] = await reader.rows<Pick<ToolDetail, 'figures'>['figures']>('tool-figures', [name]);
    const [thresholds = null] = await reader.rows<NonNullable<ToolDetail['thresholds']>>('tool-thresholds', [name]);
    const [mix = NO_CALLS] = await reader.rows<ToolMix>('tool-mix', [name, DETAIL_SAMPLE]);
    const [sinceDeployment = null] = await reader.rows<ToolSinceDeployment>('errors-since-deployment', [name]);
    return {
      ...(await readFreshness(reader)),
      tool,
      figures: figures as ToolDetail['figures'],
      starts: await reader.rows<ToolDetail['starts'][number]>('tool-starts', [name]),
      thresholds,
      mix,
      since_deployment: sinceDeployment,
      deployments: await reader.rows<DeploymentNote>('deployments', [DEPLOYMENTS]),
    };
  });
  return Response.json(report);
};
