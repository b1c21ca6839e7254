import * as z from 'zod';
import { parseAs } from '../contract/parse-as.ts';
import { defineTool } from '../observe/define-tool.ts';
import { ToolError } from '../observe/failure/tool-error.ts';

const rejection = z.object({ error: z.string() });
const receipt = z.object({ order_id: z.string(), total_cents: z.int() });

export default defineTool({
  name: 'place_order',
  description:
    'Place a binding order for the customer, immediately. Use it only after the customer has agreed to product ' +
    'and price.',
  input: z.object({
    sku: z.string().min(3).max(20).describe('Product number from search_products, e.g. LAM-108'),
    quantity: z.int().min(1).max(100).describe('Number of items'),
  }),
  output: receipt,
  readOnly: false,
  takesIdempotencyKey: true,
  provider: 'shop',
  timeoutSeconds: 10,
  alarms: { p95Ms: 2_500, errorRate: 0.02 },
  settings: ['SHOP_URL'],
}).run(async (order, { fetch, settings, call, measure }) => {
  const response = await fetch(`${settings.SHOP_URL}/orders`, {
    method: 'POST',
    // So that the shop sells only once if the platform runs this call twice.
    headers: { 'content-type': 'application/json', 'idempotency-key': call.idempotency_key },
    body: JSON.stringify(order),
    expect: [404, 409],
  });
  // Its average is the share of attempted orders that were placed.
  measure('conversion', response.ok ? 1 : 0);
  if (!response.ok)
    throw new ToolError('INVALID_INPUT', parseAs(rejection, await response.json(), 'The shop’s rejection').error);
  const placed = parseAs(receipt, await response.json(), 'The shop’s receipt');
  measure('orders', 1);
  // Its average is what an order is worth.
  measure('revenue_cents', placed.total_cents);
  return placed;
});
