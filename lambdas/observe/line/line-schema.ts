import * as z from 'zod';
import { invocation } from '../../contract/invocation.ts';
import { CALL_DIMENSIONS, CALL_FLAGS, CALL_METRICS, NAMESPACE, PIPELINE_METRICS } from '../../contract/metrics.ts';

const zeroOrOne = z.union([z.literal(0), z.literal(1)]);

/** The whole line: the record, the level for log filters, and the keys that make it an EMF document. */
const line = invocation.extend({
  _aws: z
    .object({
      Timestamp: z.int().describe('Milliseconds since 1970'),
      CloudWatchMetrics: z.array(
        z.object({
          Namespace: z.literal(NAMESPACE),
          Dimensions: z.array(z.array(z.enum(Object.values(CALL_DIMENSIONS)))),
          Metrics: z.array(z.object({ Name: z.string(), Unit: z.string() })),
        }),
      ),
    })
    .describe('CloudWatch makes metrics of the keys that this names'),
  level: z.enum(['INFO', 'WARN', 'ERROR', 'CRITICAL']),
  [CALL_DIMENSIONS.tool]: z.string().describe('The name that metrics are counted under'),
  [CALL_METRICS.error]: zeroOrOne.describe('1 when the call failed and not by the caller’s fault'),
  [CALL_FLAGS.callerError]: zeroOrOne.describe('1 when the call failed by the caller’s fault'),
  [CALL_FLAGS.slow]: zeroOrOne.describe('1 when the call took longer than its tool’s p95 threshold'),
  [PIPELINE_METRICS.telemetryDropped]: z
    .int()
    .optional()
    .describe('Lines and fields lost since the last line that reported losses'),
});

/** The line as JSON Schema; docs/line.schema.json is this text. */
export function buildLineSchema(): string {
  return `${JSON.stringify({ title: 'A line of Toolwatch', ...z.toJSONSchema(line, { io: 'input' }) }, null, 2)}\n`;
}
