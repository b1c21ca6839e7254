import fc from 'fast-check';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { toolsReport, trendReport, trendsReport } from '../../lambdas/contract/reports.ts';
import { asOperator, asTenant } from '../../lambdas/database/as-tenant.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const [writer, refresher, reader] = [db.as('writer'), db.as('refresher'), db.as('reader')];
const api = await serveApi(reader);
afterAll(api.close);

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const ago = (minutes: number) => new Date(Date.now() - minutes * MINUTE_MS).toISOString();
const floor = (at: string, stepMs: number) => new Date(Math.floor(Date.parse(at) / stepMs) * stepMs).toISOString();

const empty = async (): Promise<void> => {
  await db.rows(`truncate analytics.invocations, rollup.pending_batches, rollup.tool_5m, rollup.tool_hour,
    rollup.tool_hour_figures, rollup.tenant_hour, rollup.tenant_window, rollup.tenant_window_bounds,
    rollup.tenant_figures, rollup.operator_window, rollup.error_hour, rollup.tenants, analytics.deployments`);
};
beforeEach(empty);

const fill = async (calls: Invocation[]): Promise<void> => {
  await store(writer, calls);
  await refresh(refresher);
};

const groupBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string): [string, Item[]][] => {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups].sort(([a], [b]) => a.localeCompare(b));
};

const isFailure = ({ success, fault }: Invocation) => !success && fault !== 'caller';

interface Point {
  at: string;
  calls: number;
  failures: number;
  caller_errors: number;
}

/** The steps of a tool's trend, counted in memory. */
const trendOf = (calls: Invocation[], stepMs: number): Point[] =>
  groupBy(calls, ({ started_at }) => floor(started_at, stepMs)).map(([at, inStep]) => ({
    at,
    calls: inStep.length,
    failures: inStep.filter(isFailure).length,
    caller_errors: inStep.filter(({ fault }) => fault === 'caller').length,
  }));

const getAs = async (tenant: string | undefined, path: string) =>
  (await api.get(path, tenant === undefined ? {} : { headers: { 'x-tenant-id': tenant } })).json();

const readTrend = async (tenant: string | undefined, tool: string) =>
  trendReport.parse(await getAs(tenant, `/v1/tools/${tool}/trend`)).points;

const withoutLatency = (points: Awaited<ReturnType<typeof readTrend>>): Point[] =>
  points.map(({ at, calls, failures, caller_errors }) => ({
    at: new Date(at).toISOString(),
    calls,
    failures,
    caller_errors,
  }));

describe('two tenants that use the same tool', () => {
  const acme = [
    ...Array.from({ length: 3 }, () => anInvocation({ tenant_id: 'acme', started_at: ago(3), duration_ms: 100 })),
    anInvocation({ tenant_id: 'acme', started_at: ago(4), fault: 'ours', duration_ms: 100 }),
    anInvocation({ tenant_id: 'acme', started_at: ago(150), fault: 'caller', duration_ms: 100 }),
    anInvocation({ tenant_id: 'acme', started_at: ago(20 * 60), duration_ms: 100 }),
  ];
  const zenith = [
    ...Array.from({ length: 40 }, () => anInvocation({ tenant_id: 'zenith', started_at: ago(5), duration_ms: 4_000 })),
    anInvocation({ tenant_id: 'zenith', name: 'secret_tool', started_at: ago(5) }),
  ];
  beforeEach(() => fill([...acme, ...zenith]));

  test('each sees the trend of its own calls, by the hour; the operator that of all, by five minutes', async () => {
    const points = await readTrend('acme', 'order_status');
    expect(withoutLatency(points)).toEqual(trendOf(acme, HOUR_MS));
    expect(points.every(({ minutes }) => minutes === 60)).toBe(true);
    for (const { p95_all_ms } of points) expect(Math.abs((p95_all_ms ?? 0) / 100 - 1)).toBeLessThan(0.01);

    expect(await readTrend('acme', 'secret_tool')).toEqual([]);
    const all = await readTrend(undefined, 'order_status');
    const ofTool = [...acme, ...zenith].filter(({ name }) => name === 'order_status');
    expect(withoutLatency(all)).toEqual(trendOf(ofTool, 5 * MINUTE_MS));
    expect(all.every(({ minutes }) => minutes === 5)).toBe(true);
  });

  test('each sees the last hours of its own tools in one reply', async () => {
    const toolsOf = async (tenant: string) =>
      trendsReport.parse(await getAs(tenant, '/v1/trends')).trends.map(({ tool_name }) => tool_name);
    expect(await toolsOf('acme')).toEqual(['order_status']);
    expect(await toolsOf('zenith')).toEqual(['order_status', 'secret_tool']);
    expect(await toolsOf('nobody')).toEqual([]);
  });

  test('each sees its own most recent calls', async () => {
    const recentOf = async (tenant?: string) =>
      toolsReport
        .parse(await getAs(tenant, '/v1/tools'))
        .tools.map(({ tool_name, recent_calls, recent_failures }) => [tool_name, recent_calls, recent_failures])
        .sort();
    expect(await recentOf('acme')).toEqual([['order_status', 4, 1]]);
    expect(await recentOf('zenith')).toEqual([
      ['order_status', 40, 0],
      ['secret_tool', 1, 0],
    ]);
    expect(await recentOf()).toEqual([
      ['order_status', 44, 1],
      ['secret_tool', 1, 0],
    ]);
  });

  test('a tenant that is the only one sees the same trend as the operator', async () => {
    await db.rows("delete from rollup.tenants where tenant_id = 'zenith'");
    expect((await readTrend('acme', 'order_status')).every(({ minutes }) => minutes === 5)).toBe(true);
  });

  test('a session without a scope sees nothing', async () => {
    for (const view of ['tool_trend_24h', 'recent_calls', 'errors_since_deployment'])
      expect(await reader.run(async (client) => (await client.query(`select * from analytics.${view}`)).rows)).toEqual(
        [],
      );
  });
});

const TENANTS = ['acme', 'zenith', "o'neill", '*acme'];
const TOOLS = ['search', 'order', '_OTHER'];
const anyCall = fc
  .record({
    tenant_id: fc.constantFrom(...TENANTS),
    name: fc.constantFrom(...TOOLS),
    kind: fc.constantFrom('tool' as const, 'tool' as const, 'http' as const),
    // Within the shortest of the windows for sure, in the last hours for sure, or long past.
    minutes: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 70, max: 22 * 60 }), fc.constant(26 * 60)),
    fault: fc.constantFrom(undefined, undefined, 'ours', 'caller', 'dependency', 'platform'),
  })
  .map(({ minutes, fault, ...given }) =>
    anInvocation({ ...given, started_at: ago(minutes), ...(fault !== undefined && { fault: fault as 'ours' }) }),
  );

const rowsOf = async (tenant: string, text: string): Promise<Record<string, unknown>[]> =>
  asTenant(reader, tenant, async (client) => (await client.query(text)).rows);

/** Tools with their calls and failures. */
const countsOf = (calls: Invocation[]): unknown[] =>
  groupBy(calls, ({ name }) => name).map(([tool_name, ofTool]) => ({
    tool_name,
    calls: ofTool.length,
    failures: ofTool.filter(isFailure).length,
  }));

const sums = (view: string, where = 'true') => `
  select tool_name, sum(calls)::integer as calls, sum(failures)::integer as failures
  from analytics.${view} where ${where} group by tool_name order by tool_name collate "und-x-icu"`;

test('whatever several tenants call, each sees exactly the calls of its own', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc
      .asyncProperty(fc.array(anyCall, { minLength: 1, maxLength: 40 }), async (calls) => {
        const deployedAt = ago(60);
        await db.rows(
          "insert into analytics.deployments (version, environment, started_at, migrations) values ('1', 'e', $1, '{}')",
          [deployedAt],
        );
        // A second tenant in any case: the only one is shown the figures of all calls.
        await fill([...calls, anInvocation({ tenant_id: 'another', name: 'unseen', started_at: ago(2) })]);
        for (const tenant of TENANTS) {
          const own = calls.filter(({ tenant_id, kind }) => tenant_id === tenant && kind === 'tool');
          const within = (minutes: number) => own.filter(({ started_at }) => started_at >= ago(minutes));
          expect(await rowsOf(tenant, sums('tool_trend_24h'))).toEqual(countsOf(within(25 * 60)));
          expect(await rowsOf(tenant, sums('recent_calls'))).toEqual(countsOf(within(12)));
          expect(await rowsOf(tenant, sums('errors_since_deployment', 'calls > 0'))).toEqual(countsOf(within(30)));
        }
        const all = await asOperator(reader, (client) => client.query<{ calls: number }>(sums('tool_trend_24h')));
        expect(all.rows.reduce((sum, row) => sum + row.calls, 0)).toBe(
          1 + calls.filter(({ kind, started_at }) => kind === 'tool' && started_at >= ago(25 * 60)).length,
        );
      })
      .beforeEach(empty),
    { numRuns: 25 },
  );
});
