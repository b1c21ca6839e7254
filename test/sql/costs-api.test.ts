import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { costsReport } from '../../lambdas/contract/api/costs.ts';
import { DAY_MS } from '../../lambdas/contract/durations.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const api = await serveApi(db.as('reader'));
afterAll(api.close);

/** One moment for all: the day may change while this runs. */
const now = Date.now();
const dayAgo = (days: number) => new Date(now - days * DAY_MS).toISOString().slice(0, 10);

const called = (days: number, given: Partial<Invocation>) =>
  anInvocation({
    tenant_id: 'acme',
    started_at: `${dayAgo(days)}T00:00:01.000Z`,
    duration_ms: 1_000,
    ...given,
  });

beforeAll(async () => {
  await store(db.as('writer'), [
    called(0, { name: 'order_status', cost_usd: 0.5 }),
    called(1, { name: 'order_status', cost_usd: 0.25, tenant_id: 'globex' }),
    called(1, { name: 'order_status' }),
    called(1, { name: 'of_another_app', cost_usd: 2 }),
    called(8, { name: 'order_status', cost_usd: 16 }),
    called(0, { name: 'count_carts', kind: 'job', cost_usd: 100 }),
  ]);
  await refresh(db.as('refresher'));
});

const read = async (query = '?days=7', tenant?: string) => {
  const response = await api.get(`/v1/costs${query}`, tenant ? { headers: { 'x-tenant-id': tenant } } : undefined);
  return costsReport.parse(await response.json());
};

test('each tool has what its calls report, and their time at its memory and list prices', async () => {
  const { tools, prices, total } = await read();
  expect(tools.map(({ tool_name, calls, reported_usd }) => [tool_name, calls, reported_usd])).toEqual([
    ['of_another_app', 1, 2],
    ['order_status', 3, 0.75],
  ]);
  const [other, own] = tools;
  // Nobody knows the memory of a function that is not deployed here.
  expect(other).toMatchObject({ lambda_usd: null, memory_mb: null, per_thousand_usd: 2_000 });
  const expected = 3 * (0.25 * prices.gb_second_usd + prices.million_requests_usd / 1e6);
  expect(own?.memory_mb).toBe(256);
  expect(own?.lambda_usd).toBeCloseTo(expected, 12);
  expect(own?.per_thousand_usd).toBeCloseTo(1_000 * ((0.75 + expected) / 3), 9);
  expect(total).toEqual({ calls: 4, reported_usd: 2.75, lambda_usd: own?.lambda_usd });
});

test('every day of the window has its costs, also one without calls', async () => {
  const { days, from } = await read();
  expect(from).toBe(`${days[0]?.day}T00:00:00.000Z`);
  expect(days).toHaveLength(7);
  const known = days.filter(({ calls }) => calls > 0);
  expect(known.map(({ day, calls, reported_usd }) => [day, calls, reported_usd])).toEqual([
    [dayAgo(1), 3, 2.25],
    [dayAgo(0), 1, 0.5],
  ]);
  expect(days.filter(({ calls }) => calls === 0).map(({ lambda_usd }) => lambda_usd)).toEqual(Array(5).fill(null));
});

test('a tenant sees the costs of its own calls', async () => {
  expect(await read('?days=7', 'globex')).toMatchObject({ total: { calls: 1, reported_usd: 0.25 }, tool_count: 1 });
  expect(await read('?days=7', 'nobody')).toMatchObject({ tools: [], total: { calls: 0, reported_usd: 0 } });
});

test('the days add up to the total, over any window', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 90 }), async (length) => {
      const { days, total } = await read(`?days=${length}`);
      expect(days).toHaveLength(length);
      expect(days.reduce((sum, { reported_usd }) => sum + reported_usd, 0)).toBeCloseTo(total.reported_usd, 9);
    }),
    { numRuns: 10 },
  );
});
