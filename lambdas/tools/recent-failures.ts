import * as z from 'zod';
import { failureFilters } from '../contract/queries.ts';
import { failure, failuresReport } from '../contract/reports.ts';
import { defineTool } from '../observe/define-tool.ts';
import { fitToLimit, messageForModel } from '../telemetry/answer-limit.ts';
import { queryApi } from '../telemetry/query-api.ts';
import { tenantOf } from '../telemetry/tenant.ts';

const { limit } = failureFilters;

export default defineTool({
  name: 'recent_failures',
  description:
    'List the latest failed calls of this server’s tools, newest first, with time, error and fault. Use it to ' +
    'find out why a tool fails after tool_health has named it.',
  input: z.object({
    ...failureFilters,
    limit: limit
      .unwrap()
      .default(10)
      .describe(limit.description ?? ''),
  }),
  output: z.object({
    failures: z.array(failure),
    /** The number of further failures, omitted because the answer would be too long. */
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
      chosenByCaller: Object.keys(failureFilters),
      answer: failuresReport,
      correlationId: call.correlation_id,
      tenant: tenantOf(call),
      signal,
    }),
  );
  const shortened = failures.map((failed) => ({ ...failed, error_message: messageForModel(failed) }));
  const { shown, omitted } = fitToLimit(shortened, query.limit);
  return { failures: shown, omitted };
});
