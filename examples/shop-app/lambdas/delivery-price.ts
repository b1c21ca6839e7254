import { defineTool } from 'toolwatch/observe';
import * as z from 'zod';

/** A function that is a tool: its arguments and results are checked, and a failure is an answer that says whose fault it is. */
export const handler = defineTool({
  name: 'delivery_price',
  description: 'Say what a delivery costs. Use it when a customer asks before ordering.',
  input: z.object({ kilograms: z.number().min(0).max(30).describe('Weight of the parcel, e.g. 2.5') }),
  output: z.object({ cents: z.int() }),
  readOnly: true,
  timeoutSeconds: 5,
  alarms: { p95Ms: 500, errorRate: 0.01 },
}).run(({ kilograms }, { logger }) => {
  logger.info('pricing', { kilograms });
  return { cents: 490 + Math.ceil(kilograms) * 60 };
});
