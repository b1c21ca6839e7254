import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/**
 * A shop that places an order once for each idempotency key, and counts how often it was asked for each. A share of its
 * answers is an error after the order is placed, so that whoever asks cannot know that it is.
 */
export const startCountingShop = async (random: () => number, shareOfErrors: number) => {
  const requests = new Map<string, number>();
  const server = createServer(async (request, response) => {
    const key = String(request.headers['idempotency-key']);
    await json(request);
    const times = (requests.get(key) ?? 0) + 1;
    requests.set(key, times);
    const fails = times === 1 && random() < shareOfErrors;
    response.writeHead(fails ? 503 : 201, { 'content-type': 'application/json' });
    response.end(JSON.stringify(fails ? { error: 'busy' } : { order_id: key.slice(0, 8), total_cents: 100 }));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The orders that were placed, by their keys, with how often each was asked for. */
    requests: requests as ReadonlyMap<string, number>,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
