import * as z from 'zod';
import { defineTool } from '../observe/define-tool.ts';
import { ToolError } from '../observe/failure/tool-error.ts';

export default defineTool({
  name: 'order_status',
  description: 'Look up the state of an order. Use it when a customer asks about a delivery.',
  input: z.object({
    order_id: z
      .string()
      .regex(/^[A-Z]-\d{4,5}$/, 'An order number is a letter, a hyphen and four or five digits, e.g. A-1042')
      .describe('Order number, e.g. A-1042'),
  }),
  output: z.object({
    order_id: z.string(),
    state: z.enum(['packed', 'shipped', 'delivered']),
    placed_at: z.iso.datetime(),
    total_cents: z.int(),
  }),
  readOnly: true,
  provider: 'shop',
  timeoutSeconds: 10,
  retry: { attempts: 3 },
  alarms: { p95Ms: 2_000, errorRate: 0.02 },
  settings: ['SHOP_URL'],
}).run(async ({ order_id }, { fetch, settings }) => {
  const response = await fetch(`${settings.SHOP_URL}/orders/${order_id}`, { expect: [403, 404] });
  if (response.status === 404) throw new ToolError('INVALID_INPUT', `There is no order ${order_id}. Check the number.`);
  if (response.status === 403) throw new ToolError('UNAUTHORIZED', `This caller may not see order ${order_id}.`);
  return await response.json();
});
