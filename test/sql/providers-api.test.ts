import { afterAll, beforeAll, expect, test } from 'vitest';
import { CALLS_OF_PROVIDERS, providersReport } from '../../lambdas/contract/api/providers.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const MINUTE_MS = 60_000;
const db = await testDatabase();
const api = await serveApi(db.as('reader'));
afterAll(api.close);

const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS).toISOString();
const ofShop = (minutes: number, given: Partial<Invocation> = {}) =>
  anInvocation({ provider: 'shop', domain: 'a.example', tenant_id: 'acme', started_at: ago(minutes), ...given });

const calls = [
  ...[100, 200, 300].map((duration_ms) => ofShop(10, { duration_ms })),
  ofShop(9, { fault: 'dependency', duration_ms: 9_000 }),
  ofShop(8, { fault: 'ours', domain: 'b.example', name: 'place_order' }),
  ofShop(7, { fault: 'caller', name: 'place_order', tenant_id: 'globex', domain: 'theirs.example' }),
  ofShop(6, { kind: 'job', name: 'import' }),
  ofShop(70),
  ofShop(80, { fault: 'dependency' }),
  ofShop(200),
  anInvocation({ provider: 'bank', tenant_id: 'globex', started_at: ago(5) }),
  anInvocation({ tenant_id: 'acme', started_at: ago(5) }),
];
beforeAll(() => store(db.as('writer'), calls));

const read = async (query = '', tenant?: string) => {
  const response = await api.get(`/v1/providers${query}`, tenant ? { headers: { 'x-tenant-id': tenant } } : undefined);
  return providersReport.parse(await response.json());
};

test('each provider has its calls, whose fault failures were, its domains, its tools, and what was before', async () => {
  const { providers, since } = await read();
  expect(Date.parse(since)).toBeLessThanOrEqual(Date.parse(ago(60)));
  expect(providers).toEqual([
    {
      provider: 'shop',
      calls: 7,
      failures: { caller: 1, dependency: 1, ours: 1, platform: 0 },
      p95_ms: 285,
      last_failure_at: calls[3]?.started_at,
      domains: [
        { domain: 'a.example', calls: 5, failures: { caller: 0, dependency: 1, ours: 0, platform: 0 }, p95_ms: 285 },
        { domain: 'b.example', calls: 1, failures: { caller: 0, dependency: 0, ours: 1, platform: 0 }, p95_ms: null },
        { domain: 'theirs.example', calls: 1, failures: expect.objectContaining({ caller: 1 }), p95_ms: null },
      ],
      tools: [
        { tool_name: 'order_status', calls: 4, failures: 1 },
        { tool_name: 'place_order', calls: 2, failures: 0 },
      ],
      tool_count: 2,
      before: { calls: 2, failures: 1, p95_ms: 120 },
    },
    expect.objectContaining({ provider: 'bank', calls: 1, before: { calls: 0, failures: 0, p95_ms: null } }),
  ]);
});

test('a window and a provider may be named; of nothing there is nothing', async () => {
  expect((await read('?provider=bank')).providers).toMatchObject([{ provider: 'bank' }]);
  expect((await read('?minutes=180&provider=shop')).providers).toMatchObject([{ calls: 9, before: { calls: 1 } }]);
  expect((await read(`?from=${ago(85)}&to=${ago(65)}`)).providers).toMatchObject([{ provider: 'shop', calls: 2 }]);
  expect((await read('?provider=none')).providers).toEqual([]);
});

test('a tenant is shown its own calls, and no provider, domain or tool of another', async () => {
  const own = await read('', 'acme');
  expect(own.providers).toMatchObject([
    { provider: 'shop', calls: 6, failures: { caller: 0 }, tools: [{ calls: 4 }, { calls: 1 }] },
  ]);
  expect(JSON.stringify(own)).not.toMatch(/theirs|bank/);
  expect((await read('', 'nobody')).providers).toEqual([]);
});

test('two times of which one has more calls than are counted are not compared', async () => {
  const many = Array.from({ length: CALLS_OF_PROVIDERS }, (_, index) =>
    anInvocation({ tenant_id: 'acme', started_at: ago(70 + (index % 40)) }),
  );
  await store(db.as('writer'), many);
  expect((await read('?provider=shop')).providers).toMatchObject([{ calls: 7, before: null }]);
  expect((await read('?minutes=10&provider=shop')).providers).toMatchObject([
    { before: { calls: expect.any(Number) } },
  ]);
});
