import { defineTool } from 'toolwatch/observe';
import * as z from 'zod';

/** A function that is a tool: its arguments and results are validated, and the reply to a failed call names the fault. */
export const handler = defineTool({
  name: 'delivery_price',
  description: 'Calculate the price of a delivery. Use it when a customer asks before ordering.',
  input: z.object({ kilograms: z.number().min(0).max(30).describe('Weight of the parcel, e.g. 2.5') }),
  output: z.object({ cents: z.int() }),
  readOnly: true,
  timeoutSeconds: 5,
  alarms: { p95Ms: 500, errorRate: 0.01 },
}).run(({ kilograms }, { logger }) => {
  logger.info('pricing', { kilograms });
  return { cents: 490 + Math.ceil(kilograms) * 60 };
});
