import * as z from 'zod';
import { FAULTS } from '../contract/invocation.ts';
import { failure, failuresReport } from '../contract/reports.ts';
import { defineTool } from '../observe/define-tool.ts';
import { fitToLimit, shorten } from '../telemetry/answer-limit.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { tenantOf } from '../telemetry/tenant.ts';

export default defineTool({
  name: 'recent_failures',
  description:
    'List the latest failed calls of this server’s tools, the newest first: when, why, whose fault. Use it to find out what exactly goes wrong after tool_health named a tool.',
  input: z.object({
    tool: z.string().max(64).optional().describe('Only this tool, e.g. order_status'),
    fault: z
      .enum(FAULTS)
      .optional()
      .describe('Only failures that are the fault of: the caller, a dependency, us, or the platform'),
    minutes: z.int().min(1).max(1_440).default(60).describe('How far back to look'),
    limit: z.int().min(1).max(50).default(10).describe('At most this many calls'),
  }),
  output: z.object({
    failures: z.array(failure),
    /** How many of those found are left out because the answer would be too long. */
    omitted: z.int(),
  }),
  readOnly: true,
  timeoutSeconds: 10,
  alarms: { p95Ms: 3_000, errorRate: 0.05 },
  asksApi: true,
}).run(async (query, { call, dependency, signal }) => {
  const { failures } = await dependency('telemetry', () =>
    queryApi({
      path: '/v1/failures',
      query,
      answer: failuresReport,
      correlationId: call.correlation_id,
      tenant: tenantOf(call),
      signal,
    }),
  );
  const briefly = failures.map((one) => ({
    ...one,
    error_message: one.error_message === null ? null : shorten(one.error_message),
  }));
  const { shown, omitted } = fitToLimit(briefly, query.limit);
  return { failures: shown, omitted };
});
