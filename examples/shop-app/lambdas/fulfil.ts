import { observeHandler } from 'toolwatch/observe';

interface Batch {
  Records: { messageId: string; body: string }[];
}

const pack = (order: string): void => {
  const { sku } = JSON.parse(order) as { sku?: string };
  if (!sku) throw new Error('the order names no article');
};

/** Packs the orders of a queue. An order that cannot be packed is reported to SQS, which delivers it again. */
export const handler = observeHandler(
  async ({ Records }: Batch) => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const { messageId, body } of Records) {
      try {
        pack(body);
      } catch {
        batchItemFailures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures };
  },
  { tool: 'fulfil', slowMs: 5_000 },
);
