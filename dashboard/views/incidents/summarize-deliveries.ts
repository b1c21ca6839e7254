import type { Delivery } from '../../../lambdas/contract/api/incidents.ts';

/** How far an incident's messages came in each channel: what became of the last attempt. */
export const summarizeDeliveries = (
  deliveries: readonly Delivery[],
): { channel: string; outcome: Delivery['outcome'] }[] => {
  const last = new Map<string, Delivery['outcome']>();
  for (const { channel, outcome } of [...deliveries].sort((a, b) => a.sent_at.localeCompare(b.sent_at)))
    last.set(channel, outcome);
  return [...last]
    .map(([channel, outcome]) => ({ channel, outcome }))
    .sort((a, b) => a.channel.localeCompare(b.channel));
};
