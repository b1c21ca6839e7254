import * as z from 'zod';
import { type ToolHealth, toolHealth, toolsReport, VERDICTS } from '../contract/reports.ts';
import { defineTool } from '../observe/define-tool.ts';
import { fitToLimit, shorten } from '../telemetry/answer-limit.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { tenantOf } from '../telemetry/tenant.ts';

/** The worst first. */
const URGENCY = ['critical', 'warning', 'insufficient_data', 'healthy'] satisfies ToolHealth['verdict'][];

export default defineTool({
  name: 'tool_health',
  description:
    'Say how the tools of this server are doing: share of failures, speed, whose fault it is, the worst first. Use it when a tool misbehaves, or to choose between tools.',
  input: z.object({
    tool: z.string().max(64).optional().describe('Only this tool, e.g. order_status'),
    verdict: z.enum(VERDICTS).optional().describe('Only tools judged like this'),
    limit: z.int().min(1).max(50).default(10).describe('At most this many tools'),
  }),
  output: z.object({
    refreshed_at: toolsReport.shape.refreshed_at,
    age_seconds: toolsReport.shape.age_seconds,
    tools: z.array(toolHealth),
    /** How many more there are. */
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
  const wanted = report.tools
    .filter(
      (one) => (tool === undefined || one.tool_name === tool) && (verdict === undefined || one.verdict === verdict),
    )
    .sort((a, b) => URGENCY.indexOf(a.verdict) - URGENCY.indexOf(b.verdict) || b.error_count - a.error_count)
    .map((one) => ({ ...one, health_reason: shorten(one.health_reason) }));
  const { shown, omitted } = fitToLimit(wanted, limit);
  return { refreshed_at: report.refreshed_at, age_seconds: report.age_seconds, tools: shown, omitted };
});
