import * as z from 'zod';
import { defineTool } from '../observe/define-tool.ts';
import { ToolError } from '../observe/failure/tool-error.ts';

const refusal = z.object({ error: z.string() });
const receipt = z.object({ order_id: z.string(), total_cents: z.int() });

export default defineTool({
  name: 'place_order',
  description:
    'Order a product for the customer, at once and bindingly. Use it only after the customer has agreed to product and price.',
  input: z.object({
    sku: z.string().min(3).max(20).describe('Product number as search_products gives it, e.g. LAM-108'),
    quantity: z.int().min(1).max(100).describe('How many'),
  }),
  output: receipt,
  readOnly: false,
  provider: 'shop',
  timeoutSeconds: 10,
  alarms: { p95Ms: 2_500, errorRate: 0.02 },
  settings: ['SHOP_URL'],
}).run(async (order, { fetch, settings, call, measure }) => {
  const response = await fetch(`${settings.SHOP_URL}/orders`, {
    method: 'POST',
    // The call's own id: should the platform run this call twice, the shop still sells once.
    headers: { 'content-type': 'application/json', 'idempotency-key': call.event_id },
    body: JSON.stringify(order),
    expect: [404, 409],
  });
  if (!response.ok) throw new ToolError('INVALID_INPUT', refusal.parse(await response.json()).error);
  const placed = receipt.parse(await response.json());
  measure('order_value_cents', placed.total_cents);
  return placed;
});
