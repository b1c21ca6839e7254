import { DAY_MS } from '../../contract/durations.ts';
import { weekQuery } from '../../contract/queries.ts';
import {
  MIN_CALLS_A_WEEK,
  NAMED_IN_REPORT,
  type WeekIncident,
  type WeekReport,
  type WeekTool,
} from '../../contract/week-report.ts';
import { parseQuery } from '../request/query.ts';
import { readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';

/** Far above what a deployment has; what is beyond is counted nowhere. */
const MAX_TOOLS = 10_000;
const MAX_INCIDENTS = 10_000;

type ToolRow = Omit<WeekTool, 'calls' | 'failed'> & { calls: string; failed: string; cost_usd: number | null };
type Changes = Pick<WeekReport, 'mutes_made' | 'notifications_muted' | 'deployments'>;

const toTool = ({ tool, calls, failed, failed_pct }: ToolRow): WeekTool => ({
  tool,
  calls: Number(calls),
  failed: Number(failed),
  failed_pct,
});

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** What tools say that their calls cost; of none that says it, null. */
const costOf = (rows: readonly ToolRow[]): number | null => {
  const costs = rows.flatMap(({ cost_usd }) => cost_usd ?? []);
  return costs.length > 0 ? sum(costs) : null;
};

const NO_CHANGES: Changes = { mutes_made: 0, notifications_muted: 0, deployments: 0 };

/** GET /v1/reports/week */
export const getWeekReport: RouteHandler = async ({ database, operatorOnly }, context) => {
  const { until = new Date().toISOString() } = parseQuery(weekQuery, context.req);
  operatorOnly(context);
  const end = Math.floor(Date.parse(until) / DAY_MS) * DAY_MS;
  const report = await readStore(database, undefined, async (reader): Promise<WeekReport> => {
    const rows = await reader.rows<ToolRow>('week-tools', [until, MAX_TOOLS]);
    const incidents = await reader.rows<WeekIncident>('week-incidents', [until, MAX_INCIDENTS]);
    const [changes = NO_CHANGES] = await reader.rows<Changes>('week-changes', [until]);
    const tools = rows.map(toTool);
    const ranked = tools.filter(({ calls }) => calls >= MIN_CALLS_A_WEEK);
    const pages = incidents.filter(({ severity }) => severity === 'critical');
    return {
      from: new Date(end - 7 * DAY_MS).toISOString(),
      until: new Date(end).toISOString(),
      calls: sum(tools.map(({ calls }) => calls)),
      failed: sum(tools.map(({ failed }) => failed)),
      cost_usd: costOf(rows),
      tools: tools.length,
      worst: ranked.filter(({ failed }) => failed > 0).slice(0, NAMED_IN_REPORT),
      best: ranked.toReversed().slice(0, NAMED_IN_REPORT),
      pages: pages.length,
      pages_without_need: pages.filter(({ needed_nothing }) => needed_nothing).length,
      warnings: incidents.length - pages.length,
      longest: incidents.slice(0, NAMED_IN_REPORT),
      ...changes,
    };
  });
  return Response.json(report);
};
