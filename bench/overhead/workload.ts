import * as z from 'zod';

/** The same work for every peer: a lookup that costs nothing, so that only the code around it is measured. */
export const input = z.object({
  order_id: z.string().describe('Order number'),
  customer: z.object({ name: z.string(), city: z.string() }),
  include: z.array(z.enum(['items', 'history', 'invoice'])),
  limit: z.int().min(1).max(100),
});

export const output = z.object({
  state: z.enum(['packed', 'shipped', 'delivered']),
  items: z.array(z.object({ sku: z.string(), quantity: z.int() })),
  total_cents: z.int(),
});

export const work = (args: { order_id: string }) => ({
  state: 'shipped' as const,
  items: [
    { sku: `${args.order_id}-1`, quantity: 2 },
    { sku: `${args.order_id}-2`, quantity: 1 },
  ],
  total_cents: 12_900,
});

/** Facts of the tool and of its deployment, which every peer writes on its line. */
export const FACTS = {
  name: 'order_status',
  provider: 'shop',
  gptName: 'shop-assistant',
  p95Ms: 2_000,
  timeoutSeconds: 10,
} as const;
