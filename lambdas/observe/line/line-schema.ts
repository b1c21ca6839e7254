import * as z from 'zod';
import { invocation } from '../../contract/invocation.ts';
import { CALL_DIMENSIONS, CALL_FLAGS, CALL_METRICS, NAMESPACE, PIPELINE_METRICS } from '../../contract/metrics.ts';

const zeroOrOne = z.union([z.literal(0), z.literal(1)]);

/** The whole line: the record, the level a log filter goes by, and what makes it an EMF document. */
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
    .describe('CloudWatch reads this and makes metrics of the keys it names'),
  level: z.enum(['INFO', 'WARN', 'ERROR', 'CRITICAL']),
  [CALL_DIMENSIONS.tool]: z.string().describe('The name metrics are counted under'),
  [CALL_METRICS.error]: zeroOrOne.describe('1 when the call failed and the caller is not to blame'),
  [CALL_FLAGS.callerError]: zeroOrOne.describe('1 when the call failed by the caller’s own fault'),
  [CALL_FLAGS.slow]: zeroOrOne.describe('1 when the call took longer than it may'),
  [PIPELINE_METRICS.telemetryDropped]: z.int().optional().describe('Lines and fields lost before this line'),
});

/** The line as JSON Schema, as it stands in docs/line.schema.json. */
export const buildLineSchema = (): string =>
  `${JSON.stringify({ title: 'A line of Toolwatch', ...z.toJSONSchema(line, { io: 'input' }) }, null, 2)}\n`;
