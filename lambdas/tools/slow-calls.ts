import * as z from 'zod';
import { MAX_ROWS, MAX_WINDOW_MINUTES } from '../contract/answer-limits.ts';
import { callsReport, listedCall } from '../contract/api/calls.ts';
import { DURATION_LIMIT_MS } from '../contract/limits.ts';
import { toolName, wholeNumber } from '../contract/queries.ts';
import { defineTool } from '../observe/define-tool.ts';
import { fitToLimit } from '../telemetry/answer-limit.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { tenantOf } from '../telemetry/tenant.ts';

const slowCall = listedCall.pick({
  event_id: true,
  started_at: true,
  name: true,
  version: true,
  duration_ms: true,
  cold_start: true,
  success: true,
  error_code: true,
  attempts: true,
  provider: true,
  correlation_id: true,
});

export default defineTool({
  name: 'slow_calls',
  description:
    'List the slowest of the latest calls of this server’s tools that took longer than a limit, slowest first, with ' +
    'version, cold start and number of attempts. Use it to find out why a tool is slow; not for failures.',
  input: z.object({
    tool: toolName.optional().describe('Only calls of this tool, e.g. order_status'),
    min_ms: z
      .int()
      .min(1)
      .max(DURATION_LIMIT_MS)
      .default(1_000)
      .describe('Only calls that took at least so many milliseconds'),
    minutes: wholeNumber(MAX_WINDOW_MINUTES, 60, 'How many minutes to look back'),
    limit: z.int().min(1).max(50).default(10).describe('Maximum number of calls'),
  }),
  output: z.object({
    calls: z.array(slowCall),
    /** The number of further calls, omitted because of the limit or the answer’s length. */
    omitted: z.int(),
    /** Whether there are older ones, which were not compared. */
    more: z.boolean(),
  }),
  readOnly: true,
  timeoutSeconds: 10,
  alarms: { p95Ms: 3_000, errorRate: 0.05 },
  asksApi: true,
}).run(async ({ tool, min_ms, minutes, limit }, { call, dependency, signal }) => {
  const report = await dependency('telemetry', () =>
    queryApi({
      path: '/v1/calls',
      query: { tool, kind: 'tool', min_ms, minutes, limit: MAX_ROWS },
      chosenByCaller: ['tool', 'min_ms', 'minutes'],
      answer: callsReport,
      correlationId: call.correlation_id,
      tenant: tenantOf(call),
      signal,
    }),
  );
  const slowest = report.calls
    .map((each) => slowCall.parse(each))
    .sort((one, other) => other.duration_ms - one.duration_ms);
  const { shown, omitted } = fitToLimit(slowest, limit);
  return { calls: shown, omitted, more: report.next !== null };
});
