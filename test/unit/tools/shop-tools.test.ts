import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import orderStatus from '../../../lambdas/tools/order-status.ts';
import placeOrder from '../../../lambdas/tools/place-order.ts';
import salesReport from '../../../lambdas/tools/sales-report.ts';
import searchProducts from '../../../lambdas/tools/search-products.ts';
import { MAX_SEARCHES_PER_SECOND, startShop } from '../../../local/shop/shop.ts';
import { captureLines } from '../../support/captured-lines.ts';
import { aContext } from '../../support/lambda-context.ts';

const lines = captureLines();
let shop: Awaited<ReturnType<typeof startShop>>;
beforeAll(async () => {
  shop = await startShop();
  process.env.SHOP_URL = shop.url;
});
afterEach(() => fetch(shop.controlUrl, { method: 'DELETE' }));
afterAll(() => shop.close());

const breakShop = (failureMode: object) =>
  fetch(shop.controlUrl, { method: 'POST', body: JSON.stringify(failureMode) });

describe('order_status', () => {
  test('returns the state of an order', async () => {
    expect(await orderStatus({ order_id: 'A-1042' }, aContext())).toEqual({
      order_id: 'A-1042',
      state: 'packed',
      placed_at: '2026-01-02T18:00:00.000Z',
      total_cents: 2_700,
    });
    expect(lines.records()).toMatchObject([{ name: 'order_status', success: true, provider: 'shop' }]);
  });

  test.each([
    ['an order that does not exist', 'A-99999', 'INVALID_INPUT', 'caller'],
    ['another customer’s order', 'A-1077', 'UNAUTHORIZED', 'caller'],
    ['a malformed order number', '1042; drop table', 'INVALID_INPUT', 'caller'],
    ['an order in an unknown state', 'A-1113', 'INTERNAL_ERROR', 'ours'],
  ])('fails for %s', async (_, order_id, code, fault) => {
    expect(await orderStatus({ order_id }, aContext())).toMatchObject({ isError: true, code, fault });
    expect(lines.records()).toMatchObject([{ success: false, error_code: code, fault }]);
  });

  test('fails by the shop’s fault when the shop fails', async () => {
    await breakShop({ path: '/orders', effect: 'fail' });
    expect(await orderStatus({ order_id: 'A-1042' }, aContext())).toMatchObject({
      code: 'UPSTREAM_ERROR',
      fault: 'dependency',
      retryable: true,
    });
  });

  test('fails by the shop’s fault when the shop does not answer', async () => {
    await breakShop({ path: '/orders', effect: 'slow', delay_ms: 30_000 });
    expect(await orderStatus({ order_id: 'A-1042' }, aContext({}, { remainingMs: 400 }))).toMatchObject({
      code: 'TIMEOUT',
      fault: 'dependency',
    });
  });
});

describe('search_products', () => {
  test('finds products by words in their names', async () => {
    expect(await searchProducts({ query: 'oak shelf' }, aContext())).toMatchObject({
      total: 1,
      products: [{ sku: 'SHE-148', name: 'oak shelf' }],
    });
    expect(lines.records()).toMatchObject([{ measures: { products_found: 1, low_stock_products: 0 } }]);
  });

  test('reports of how many products few are left', async () => {
    await searchProducts({ query: 'oak' }, aContext());
    // Of ten, one has five left.
    expect(lines.records()).toMatchObject([{ measures: { products_found: 10, low_stock_products: 1 } }]);
  });

  test('fails by the shop’s rate limit in a burst of calls', async () => {
    const burst = Array.from({ length: 3 * MAX_SEARCHES_PER_SECOND }, () =>
      searchProducts({ query: 'lamp' }, aContext()),
    );
    const rejected = (await Promise.all(burst)).filter((answer) => 'isError' in answer);
    expect(rejected.length).toBeGreaterThan(0);
    expect(rejected[0]).toMatchObject({ code: 'RATE_LIMITED', fault: 'dependency', retryable: true });
  });
});

describe('place_order', () => {
  test('places an order only once, even when the platform runs the same call twice', async () => {
    const context = aContext();
    const placed = await placeOrder({ sku: 'LAM-108', quantity: 2 }, context);
    expect(placed).toMatchObject({ order_id: expect.stringMatching(/^B-\d+$/), total_cents: 9_200 });
    expect(await placeOrder({ sku: 'LAM-108', quantity: 2 }, context)).toEqual(placed);
    expect(await placeOrder({ sku: 'LAM-108', quantity: 2 }, aContext())).not.toEqual(placed);
  });

  test('reports orders, revenue and which part of what customers wanted became orders', async () => {
    await placeOrder({ sku: 'LAM-108', quantity: 2 }, aContext());
    await placeOrder({ sku: 'LAM-115', quantity: 1 }, aContext());
    expect(lines.records().map(({ measures }) => measures)).toEqual([
      { conversion: 1, orders: 1, revenue_cents: 9_200 },
      { conversion: 0 },
    ]);
  });

  test.each([
    ['a product that is sold out', { sku: 'LAM-115', quantity: 1 }, 'Only 0 of LAM-115 left.'],
    ['an unknown product', { sku: 'XYZ-999', quantity: 1 }, 'There is no product XYZ-999.'],
  ])('says why it cannot order %s', async (_, order, message) => {
    expect(await placeOrder(order, aContext())).toMatchObject({ code: 'INVALID_INPUT', fault: 'caller', message });
  });
});

describe('sales_report', () => {
  test('totals the requested days', async () => {
    expect(await salesReport({ from: '2026-03-01', to: '2026-03-02' }, aContext())).toMatchObject({
      days: 2,
      orders: 48,
      best_sellers: expect.arrayContaining([{ sku: expect.any(String), quantity: expect.any(Number) }]),
    });
  });

  test('times out for a whole year', async () => {
    const year = { from: '2026-01-01', to: '2026-12-31' };
    expect(await salesReport(year, aContext({}, { remainingMs: 500 }))).toMatchObject({ code: 'TIMEOUT' });
    expect(lines.records()).toMatchObject([{ error_code: 'TIMEOUT', success: false }]);
  });

  test('rejects a first day after the last day', async () => {
    expect(await salesReport({ from: '2026-03-02', to: '2026-03-01' }, aContext())).toMatchObject({
      code: 'INVALID_INPUT',
      fault: 'caller',
    });
  });
});
