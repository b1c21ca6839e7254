import { afterAll, beforeAll, expect, test } from 'vitest';
import { kpisReport } from '../../lambdas/contract/api/kpis.ts';
import { DAY_MS, HOUR_MS } from '../../lambdas/contract/durations.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const api = await serveApi(db.as('reader'));
afterAll(api.close);

/** The hour at hand, and the same hour of days before. */
const hourAgo = (days: number, hours = 0) =>
  Math.floor(Date.now() / HOUR_MS) * HOUR_MS - days * DAY_MS - hours * HOUR_MS;
const dayAgo = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);

const reported = (at: number, measures: Record<string, number>, given: Partial<Invocation> = {}) =>
  anInvocation({
    name: 'place_order',
    tenant_id: 'acme',
    started_at: new Date(at + 1_000).toISOString(),
    measures,
    ...given,
  });

beforeAll(async () => {
  await store(db.as('writer'), [
    reported(hourAgo(0), { revenue: 100, orders: 1 }),
    reported(hourAgo(0), { revenue: 50.5, orders: 1 }),
    reported(hourAgo(2), { revenue: 30 }),
    reported(hourAgo(0), { abandoned_carts: 4 }, { kind: 'job', name: 'count_carts' }),
    reported(hourAgo(0), { revenue: 7 }, { name: 'refund', tenant_id: 'globex' }),
    reported(hourAgo(0), { their_secret: 1 }, { tenant_id: 'globex' }),
    reported(hourAgo(7), { revenue: 80 }),
    reported(hourAgo(8), { revenue: 20, low_stock: 3 }),
    // What came later in the day seven days ago is in neither, and nor is what came before both.
    ...(new Date().getUTCHours() < 22 ? [reported(hourAgo(7, -2), { later: 1 })] : []),
    reported(hourAgo(15), { revenue: 1_000 }),
  ]);
  await refresh(db.as('refresher'));
});

const read = async (query = '', tenant?: string) => {
  const response = await api.get(`/v1/kpis${query}`, tenant ? { headers: { 'x-tenant-id': tenant } } : undefined);
  return kpisReport.parse(await response.json());
};
const measuresOf = ({ kpis }: Awaited<ReturnType<typeof read>>) => kpis.map(({ measure, sum }) => [measure, sum]);

test('each measure has its sum, average and times, by the day, and what was before', async () => {
  const { kpis, from, until, before_until, refreshed_at, measure_count } = await read('?measure=revenue', 'acme');
  expect(from).toBe(`${dayAgo(6)}T00:00:00.000Z`);
  expect(Date.parse(until) - Date.parse(before_until)).toBe(7 * DAY_MS);
  expect(refreshed_at).not.toBeNull();
  expect(measure_count).toBe(1);
  expect(kpis).toEqual([
    {
      measure: 'revenue',
      sum: 180.5,
      average: expect.closeTo(60.1667, 3),
      times: 3,
      lowest: 30,
      highest: 100,
      days: [6, 5, 4, 3, 2, 1, 0].map((days) => {
        const none = { day: dayAgo(days), sum: 0, average: null, times: 0 };
        if (days === 2) return { ...none, sum: 30, average: 30, times: 1 };
        return days === 0 ? { ...none, sum: 150.5, average: 75.25, times: 2 } : none;
      }),
      reported_by: [{ kind: 'tool', name: 'place_order', times: 3 }],
      reporter_count: 1,
      before: { sum: 100, average: 50, times: 2, lowest: 20, highest: 80 },
      change_pct: { sum: 80.5, average: 20.3, times: 50 },
    },
  ]);
});

test('measures of all kinds are shown, also those that only were before', async () => {
  const report = await read('', 'acme');
  expect(measuresOf(report)).toEqual([
    ['revenue', 180.5],
    ['orders', 2],
    ['abandoned_carts', 4],
    ['low_stock', 0],
  ]);
  expect(report.kpis[1]?.change_pct).toEqual({ sum: null, average: null, times: null });
  expect(report.kpis[2]?.reported_by).toEqual([{ kind: 'job', name: 'count_carts', times: 1 }]);
  expect(report.kpis[3]).toMatchObject({
    reported_by: [],
    reporter_count: 0,
    average: null,
    times: 0,
    change_pct: { sum: -100, average: null },
  });
});

test('days and a tool may be named; what is no number of days is refused', async () => {
  expect((await read('?days=1&measure=revenue', 'acme')).kpis[0]).toMatchObject({ sum: 150.5, days: [{ sum: 150.5 }] });
  expect((await read('?days=90&measure=revenue', 'acme')).kpis[0]).toMatchObject({
    sum: 1_280.5,
    before: { times: 0 },
  });
  expect(measuresOf(await read('?tool=refund'))).toEqual([['revenue', 7]]);
  expect(measuresOf(await read('?tool=count_carts'))).toEqual([]);
  for (const days of ['0', '91', 'all']) expect((await api.get(`/v1/kpis?days=${days}`)).status).toBe(400);
});

test('what reports a measure is named, those that do most first and at most five', async () => {
  const names = Array.from({ length: 7 }, (_, at) => `shop_${at}`);
  await store(
    db.as('writer'),
    names.flatMap((name, at) =>
      Array.from({ length: 7 - at }, () => reported(hourAgo(1), { visits: 1 }, { name, tenant_id: 'many' })),
    ),
  );
  await refresh(db.as('refresher'));
  const [kpi] = (await read('?measure=visits', 'many')).kpis;
  expect(kpi).toMatchObject({ sum: 28, times: 28, reporter_count: 7 });
  expect(kpi?.reported_by).toEqual(names.slice(0, 5).map((name, at) => ({ kind: 'tool', name, times: 7 - at })));
});

test('a tenant is shown its own figures, and no measure of another', async () => {
  expect((await read('?measure=revenue')).kpis).toMatchObject([{ sum: 187.5, times: 4 }]);
  expect(measuresOf(await read('', 'globex'))).toEqual([
    ['revenue', 7],
    ['their_secret', 1],
  ]);
  expect(measuresOf(await read('', 'acme'))).not.toContainEqual(['their_secret', 1]);
  expect(await read('', 'nobody')).toMatchObject({ kpis: [], measure_count: 0 });
});
