import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as timeout } from 'node:timers/promises';
import * as z from 'zod';
import { failureMode, failureModes } from './failure-modes.ts';
import { dayAfter, findOrder, findProduct, isRestricted, ordersOf, searchProducts } from './goods.ts';

/** More searches than this in a second, from anybody, are refused: enough for people, too few for a burst. */
export const SEARCHES_A_SECOND = 10;
/** What a page of the order list takes: it makes a year's report honestly slow. */
const PAGE_MS = 30;

/** Waits without keeping the process alive. */
const delay = (ms: number) => timeout(ms, undefined, { ref: false });

interface Answer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const refuse = (status: number, error: string, headers: Record<string, string> = {}): Answer => ({
  status,
  body: { error },
  headers,
});
const tooMany = () => refuse(429, 'Too many requests.', { 'retry-after': '1' });

const purchase = z.object({ sku: z.string(), quantity: z.int().min(1).max(100) });
const day = z.iso.date();

/** What the shop does, apart from what it is told to do wrong. */
const trade = () => {
  const placed = new Map<string, Answer>();
  let searches: number[] = [];

  const order = (orderId: string): Answer => {
    const found = findOrder(orderId);
    if (!found) return refuse(404, `There is no order ${orderId}.`);
    return isRestricted(orderId) ? refuse(403, 'This order is not yours to see.') : ok(found);
  };

  const orders = async (query: URLSearchParams): Promise<Answer> => {
    const asked = day.safeParse(query.get('day'));
    if (!asked.success) return refuse(400, 'day must be a date, e.g. 2026-03-01.');
    await delay(PAGE_MS);
    return ok({ orders: ordersOf(asked.data), next_day: dayAfter(asked.data) });
  };

  const search = (query: URLSearchParams): Answer => {
    const now = Date.now();
    searches = searches.filter((at) => at > now - 1_000);
    if (searches.length >= SEARCHES_A_SECOND) return tooMany();
    searches.push(now);
    return ok({ products: searchProducts(query.get('q') ?? '') });
  };

  /** The same key gives the same order, however often it is asked for. */
  const place = (key: string, body: unknown): Answer => {
    const asked = purchase.safeParse(body);
    if (!asked.success) return refuse(400, 'Expected { sku, quantity }.');
    const product = findProduct(asked.data.sku);
    if (!product) return refuse(404, `There is no product ${asked.data.sku}.`);
    if (product.in_stock < asked.data.quantity) return refuse(409, `Only ${product.in_stock} of ${product.sku} left.`);
    const answer = placed.get(key) ?? {
      status: 201,
      body: { order_id: `B-${5_000 + placed.size}`, total_cents: asked.data.quantity * product.price_cents },
    };
    placed.set(key, answer);
    return answer;
  };

  return async (request: IncomingMessage, url: URL): Promise<Answer> => {
    const route = `${request.method} ${url.pathname}`;
    if (route === 'GET /orders') return orders(url.searchParams);
    if (route === 'GET /products') return search(url.searchParams);
    if (route.startsWith('GET /orders/')) return order(decodeURIComponent(url.pathname.slice('/orders/'.length)));
    if (route === 'POST /orders') return place(keyOf(request), await bodyOf(request));
    return refuse(404, 'There is nothing here.');
  };
};

const keyOf = (request: IncomingMessage): string => String(request.headers['idempotency-key'] ?? randomUUID());

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  try {
    return JSON.parse(await text(request));
  } catch {
    return undefined;
  }
};

const control = async (
  faults: ReturnType<typeof failureModes>,
  request: IncomingMessage,
  url: URL,
): Promise<Answer> => {
  if (request.method === 'DELETE') faults.end(url.searchParams.get('path') ?? undefined);
  if (request.method === 'POST') {
    const told = failureMode.safeParse(await bodyOf(request));
    if (!told.success) return refuse(400, z.prettifyError(told.error));
    faults.begin(told.data);
  }
  return ok({ faults: faults.all() });
};

/**
 * A small shop for tools to call, at `url`. Told through `controlUrl` to be slow, to fail or to refuse: POST a fault,
 * DELETE it (`?path=` for one), GET what is in force. Port 0 takes any that is free.
 */
export const startShop = async ({ port = 0 }: { port?: number } = {}) => {
  const faults = failureModes(Date.now);
  const shop = trade();

  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? '/', 'http://shop');
    if (url.pathname === '/control') return control(faults, request, url);
    const met = faults.met(url.pathname);
    if (met?.effect === 'fail') return refuse(503, 'The shop is out of order.');
    if (met?.effect === 'rate-limit') return tooMany();
    if (met?.effect === 'slow') await delay(met.delay_ms);
    return shop(request, url);
  };

  const server = createServer(async (request, response) => {
    const { status, body, headers } = await answerTo(request).catch((error: unknown) => refuse(500, String(error)));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  await new Promise<void>((listening, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', listening);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    controlUrl: `${url}/control`,
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
};
