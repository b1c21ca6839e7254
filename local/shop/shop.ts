import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as timeout } from 'node:timers/promises';
import * as z from 'zod';
import { createRequestCheck, type RequestCheck, refuseRequest } from '../../emulator/request-check.ts';
import { listenOnSamePort } from '../same-port.ts';
import { createFailureModes, failureMode } from './failure-modes.ts';
import { dayAfter, findOrder, findProduct, isRestricted, ordersOf, searchProducts } from './goods.ts';

/** Searches of all callers together; above it the shop answers 429. Enough for people, too few for a burst. */
export const MAX_SEARCHES_PER_SECOND = 10;
/** How long a page of the order list takes; a report over a year is therefore really slow. */
const ORDER_PAGE_MS = 30;

/** Waits, but does not keep the process alive. */
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

/** The shop while no failure mode is in force. */
const createWorkingShop = () => {
  const placedOrders = new Map<string, Answer>();
  let searches: number[] = [];

  const answerOrder = (orderId: string): Answer => {
    const found = findOrder(orderId);
    if (!found) return refuse(404, `There is no order ${orderId}.`);
    return isRestricted(orderId) ? refuse(403, 'This order is not yours to see.') : ok(found);
  };

  const answerOrders = async (query: URLSearchParams): Promise<Answer> => {
    const date = day.safeParse(query.get('day'));
    if (!date.success) return refuse(400, 'day must be a date, e.g. 2026-03-01.');
    await delay(ORDER_PAGE_MS);
    return ok({ orders: ordersOf(date.data), next_day: dayAfter(date.data) });
  };

  const answerSearch = (query: URLSearchParams): Answer => {
    const now = Date.now();
    searches = searches.filter((at) => at > now - 1_000);
    if (searches.length >= MAX_SEARCHES_PER_SECOND) return tooMany();
    searches.push(now);
    return ok({ products: searchProducts(query.get('q') ?? '') });
  };

  /** Idempotent: the same key returns the same order, however often it is sent. */
  const placeOrder = (key: string, body: unknown): Answer => {
    const parsed = purchase.safeParse(body);
    if (!parsed.success) return refuse(400, 'Expected { sku, quantity }.');
    const { sku, quantity } = parsed.data;
    const product = findProduct(sku);
    if (!product) return refuse(404, `There is no product ${sku}.`);
    if (product.in_stock < quantity) return refuse(409, `Only ${product.in_stock} of ${product.sku} left.`);
    const answer = placedOrders.get(key) ?? {
      status: 201,
      body: { order_id: `B-${5_000 + placedOrders.size}`, total_cents: quantity * product.price_cents },
    };
    placedOrders.set(key, answer);
    return answer;
  };

  return async (request: IncomingMessage, url: URL): Promise<Answer> => {
    const route = `${request.method} ${url.pathname}`;
    if (route === 'GET /orders') return answerOrders(url.searchParams);
    if (route === 'GET /products') return answerSearch(url.searchParams);
    if (route.startsWith('GET /orders/')) return answerOrder(decodeURIComponent(url.pathname.slice('/orders/'.length)));
    if (route === 'POST /orders') return placeOrder(idempotencyKeyOf(request), await bodyOf(request));
    return refuse(404, 'Not found.');
  };
};

const idempotencyKeyOf = (request: IncomingMessage): string =>
  String(request.headers['idempotency-key'] ?? randomUUID());

const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  try {
    return JSON.parse(await text(request));
  } catch {
    return undefined;
  }
};

/** Answers `/control`: POST begins a failure mode, DELETE ends one or all; every answer lists those in force. */
const answerControl = async (
  modes: ReturnType<typeof createFailureModes>,
  request: IncomingMessage,
  url: URL,
): Promise<Answer> => {
  if (request.method === 'DELETE') modes.end(url.searchParams.get('path') ?? undefined);
  if (request.method === 'POST') {
    const parsed = failureMode.safeParse(await bodyOf(request));
    if (!parsed.success) return refuse(400, z.prettifyError(parsed.error));
    modes.begin(parsed.data);
  }
  return ok({ failure_modes: modes.list() });
};

interface ShopOptions {
  /** Remembers the port, so that the shop has the same address when it is started again. */
  portFile?: string;
  /** Which requests are answered; by default those to a local name. */
  checkRequest?: RequestCheck;
}

/**
 * Starts a small shop that tools call, at `url`. Through `controlUrl` it can be made slow or made to fail: POST a
 * failure mode, DELETE all (or one with `?path=`), GET those in force.
 */
export const startShop = async ({ portFile, checkRequest = createRequestCheck() }: ShopOptions = {}) => {
  const modes = createFailureModes(Date.now);
  const answerNormally = createWorkingShop();

  const answer = async (request: IncomingMessage): Promise<Answer> => {
    const url = new URL(request.url ?? '/', 'http://shop');
    if (url.pathname === '/control') return answerControl(modes, request, url);
    const mode = modes.find(url.pathname);
    if (mode?.effect === 'fail') return refuse(503, 'The shop is out of order.');
    if (mode?.effect === 'rate-limit') return tooMany();
    if (mode?.effect === 'slow') await delay(mode.delay_ms);
    return answerNormally(request, url);
  };

  const server = createServer(async (request, response) => {
    if (refuseRequest(checkRequest, request, response)) return;
    const { status, body, headers } = await answer(request).catch((error: unknown) => refuse(500, String(error)));
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  const url = `http://127.0.0.1:${await listenOnSamePort(server, portFile)}`;
  return {
    url,
    controlUrl: `${url}/control`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
