import * as z from 'zod';
import { toolName } from '../contract/queries.ts';
import { type ToolHealth, toolHealth, toolsReport, VERDICTS } from '../contract/reports.ts';
import { defineTool } from '../observe/define-tool.ts';
import { fitToLimit, shorten } from '../telemetry/answer-limit.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { tenantOf } from '../telemetry/tenant.ts';

/** From the most to the least urgent. */
const URGENCY = ['critical', 'warning', 'insufficient_data', 'healthy'] satisfies ToolHealth['verdict'][];

export default defineTool({
  name: 'tool_health',
  description:
    'Report the health of this server’s tools, worst first: error rate, latency and fault. Use it when a tool ' +
    'fails or is slow, or to choose between tools.',
  input: z.object({
    tool: toolName.optional().describe('Only this tool, e.g. order_status'),
    verdict: z.enum(VERDICTS).optional().describe('Only tools with this verdict'),
    limit: z.int().min(1).max(50).default(10).describe('Maximum number of tools'),
  }),
  output: z.object({
    refreshed_at: toolsReport.shape.refreshed_at,
    age_seconds: toolsReport.shape.age_seconds,
    tools: z.array(toolHealth),
    /** The number of further tools, omitted because of the limit or the answer’s length. */
    omitted: z.int(),
  }),
  readOnly: true,
  timeoutSeconds: 10,
  alarms: { p95Ms: 3_000, errorRate: 0.05 },
  asksApi: true,
}).run(async ({ tool, verdict, limit }, { call, dependency, signal }) => {
  const report = await dependency('telemetry', () =>
    queryApi({
      path: '/v1/tools',
      answer: toolsReport,
      correlationId: call.correlation_id,
      tenant: tenantOf(call),
      signal,
    }),
  );
  const matching = report.tools
    .filter(({ tool_name }) => tool === undefined || tool_name === tool)
    .filter((health) => verdict === undefined || health.verdict === verdict)
    .sort((a, b) => URGENCY.indexOf(a.verdict) - URGENCY.indexOf(b.verdict) || b.error_count - a.error_count)
    .map((health) => ({ ...health, health_reason: shorten(health.health_reason) }));
  const { shown, omitted } = fitToLimit(matching, limit);
  return { refreshed_at: report.refreshed_at, age_seconds: report.age_seconds, tools: shown, omitted };
});
