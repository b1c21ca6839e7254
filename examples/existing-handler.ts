import { observeHandler } from 'toolwatch/observe';

/** An existing function: it answers as before, and each call also writes its line as the tool `checkout`. */
export const handler = observeHandler(
  async ({ body }: { body?: string }) => {
    const { items = [] }: { items?: string[] } = JSON.parse(body ?? '{}');
    if (items.length === 0) return { statusCode: 400, body: 'Name at least one item.' };
    return { statusCode: 200, body: `Ordered: ${items.join(', ')}.` };
  },
  { tool: 'checkout', slowMs: 2_000 },
);
