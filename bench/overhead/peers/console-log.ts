import type { LambdaContext } from '../../../lambdas/observe/call/incoming.ts';
import { fieldsOf, redact, sentContextOf } from '../manual-fields.ts';
import { FACTS, work } from '../workload.ts';

/** The lower bound: one `console.log(JSON.stringify())` of the same fields, with redaction, and nothing else. */
export const handler = async (event: { order_id: string }, context: LambdaContext) => {
  const startedAt = Date.now();
  const startedMs = performance.now();
  const result = await work(event);
  const duration_ms = performance.now() - startedMs;
  const finishedAt = Date.now();
  const line = {
    _aws: {
      Timestamp: finishedAt,
      CloudWatchMetrics: [
        {
          Namespace: 'Toolwatch',
          Dimensions: [['service', 'tool']],
          Metrics: [
            { Name: 'duration_ms', Unit: 'Milliseconds' },
            { Name: 'error', Unit: 'Count' },
          ],
        },
        {
          Namespace: 'Toolwatch',
          Dimensions: [['service', 'provider']],
          Metrics: [{ Name: 'dependency_error', Unit: 'Count' }],
        },
      ],
    },
    ...fieldsOf(sentContextOf(context), event, result, startedAt, finishedAt),
    service: process.env.POWERTOOLS_SERVICE_NAME,
    tool: FACTS.name,
    duration_ms,
    error: 0,
  };
  console.log(JSON.stringify(line, redact));
  return result;
};
