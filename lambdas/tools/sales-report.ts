import * as z from 'zod';
import { parseAs } from '../contract/parse-as.ts';
import { defineTool } from '../observe/define-tool.ts';

/** The shop returns one day per page, so a long range takes long. */
const page = z.object({
  orders: z.array(z.object({ sku: z.string(), quantity: z.int(), total_cents: z.int() })),
  next_day: z.iso.date(),
});

const MAX_BEST_SELLERS = 5;

export default defineTool({
  name: 'sales_report',
  description:
    'Total the sales between two days: orders, revenue and best sellers. Use it for a day, a week or a month; a ' +
    'whole year is too much for one call.',
  input: z
    .object({
      from: z.iso.date().describe('First day (inclusive), e.g. 2026-03-01'),
      to: z.iso.date().describe('Last day (inclusive), e.g. 2026-03-31'),
    })
    .refine(({ from, to }) => from <= to, 'from must not be after to'),
  output: z.object({
    days: z.int(),
    orders: z.int(),
    revenue_cents: z.int(),
    average_order_cents: z.int().nullable(),
    best_sellers: z.array(z.object({ sku: z.string(), quantity: z.int() })),
  }),
  readOnly: true,
  provider: 'shop',
  timeoutSeconds: 5,
  alarms: { p95Ms: 4_000, errorRate: 0.1 },
  settings: ['SHOP_URL'],
}).run(async ({ from, to }, { fetch, settings, signal }) => {
  const quantities = new Map<string, number>();
  let days = 0;
  let orders = 0;
  let revenue_cents = 0;
  for (let day = from; day <= to && !signal.aborted; days += 1) {
    const response = await fetch(`${settings.SHOP_URL}/orders?day=${day}`);
    const sales = parseAs(page, await response.json(), 'The shop’s page of orders');
    for (const { sku, quantity, total_cents } of sales.orders) {
      quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
      revenue_cents += total_cents;
    }
    orders += sales.orders.length;
    day = sales.next_day;
  }
  const best_sellers = [...quantities]
    .map(([sku, quantity]) => ({ sku, quantity }))
    .sort((a, b) => b.quantity - a.quantity || a.sku.localeCompare(b.sku))
    .slice(0, MAX_BEST_SELLERS);
  const average_order_cents = orders > 0 ? Math.round(revenue_cents / orders) : null;
  return { days, orders, revenue_cents, average_order_cents, best_sellers };
});
