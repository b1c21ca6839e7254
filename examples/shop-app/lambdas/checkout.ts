import { observeHandler } from 'toolwatch/observe';

/** Takes an order over HTTP. The wrapped handler answers what it answered before; each call writes its line as `checkout`. */
export const handler = observeHandler(
  async ({ body }: { body?: string }) => {
    const { items = [] }: { items?: string[] } = JSON.parse(body ?? '{}');
    if (items.length === 0) return { statusCode: 400, body: 'Name at least one item.' };
    return { statusCode: 200, body: `Ordered: ${items.join(', ')}.` };
  },
  { tool: 'checkout', slowMs: 2_000 },
);
