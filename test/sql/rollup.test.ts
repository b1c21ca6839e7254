import fc from 'fast-check';
import pg from 'pg';
import { beforeEach, expect, test } from 'vitest';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { openDatabase } from '../../lambdas/database/database.ts';
import { readStatement } from '../../lambdas/database/statements.ts';
import { parametersOf, store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation, eventIdAt } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';
import { type Cell, cellsOf, percentileOf, removeDuplicates } from '../support/oracle.ts';
import { clearStore } from '../support/store-contents.ts';

const HOUR_MS = 3_600_000;
const db = await testDatabase();
const writer = db.as('writer');
const refresher = db.as('refresher');
const now = Date.now();
const lastHour = Math.floor(now / HOUR_MS) * HOUR_MS;

beforeEach(() => clearStore(db));

const aCall = fc
  .record({
    agoMs: fc.integer({ min: 60_000, max: 6 * HOUR_MS }),
    tool: fc.constantFrom('search', 'order', 'sale'),
    tenant: fc.constantFrom('acme', 'zenith'),
    failure: fc.option(
      fc.record({
        error_code: fc.constantFrom('TIMEOUT' as const, 'INVALID_INPUT' as const),
        fault: fc.constantFrom('caller' as const, 'ours' as const),
      }),
    ),
    duration_ms: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 1, max: 600_000 }).map((us) => us / 10),
    ),
    cold_start: fc.boolean(),
    attempts: fc.integer({ min: 1, max: 3 }),
    request_bytes: fc.option(fc.nat(10_000), { nil: undefined }),
    revenue: fc.option(fc.integer({ min: -500, max: 500 }).map((cents) => cents / 100)),
  })
  .map(({ agoMs, tool, tenant, failure, revenue, request_bytes, ...call }): Invocation => {
    const started = new Date(now - agoMs);
    return anInvocation({
      ...call,
      ...failure,
      ...(request_bytes !== undefined && { request_bytes }),
      ...(revenue !== null && { measures: { revenue } }),
      event_id: eventIdAt(started),
      started_at: started.toISOString(),
      name: tool,
      tenant_id: tenant,
    });
  });

type Step = 'store' | 'store, then crash' | 'roll up' | 'roll up, then crash' | 'refresh';
const history = fc.array(aCall, { minLength: 1, maxLength: 40 }).chain((calls) =>
  fc.record({
    calls: fc.constant(calls),
    steps: fc.array(
      fc.record({
        action: fc.constantFrom<Step>(
          'store',
          'store',
          'store, then crash',
          'roll up',
          'roll up, then crash',
          'refresh',
        ),
        batch: fc.array(fc.nat(calls.length - 1), { minLength: 1, maxLength: 12 }),
      }),
      { maxLength: 12 },
    ),
  }),
);

/** Runs the statement in a transaction that never commits, as if the process or the server had crashed before. */
const crashAfter = async (role: 'writer' | 'refresher', text: string, values: unknown[]): Promise<void> => {
  const client = new pg.Client({ connectionString: db.urlFor(role) });
  await client.connect();
  await client.query('begin');
  await client.query(text, values);
  await client.query('rollback');
  await client.end();
};

const runStep = async (action: Step, batch: Invocation[], oid: number): Promise<Invocation[]> => {
  if (action === 'store') {
    await store(writer, batch);
    return batch;
  }
  if (action === 'store, then crash')
    await crashAfter('writer', readStatement('ingest-store'), parametersOf(batch, oid, true));
  if (action === 'roll up') await refresher.run((client) => client.query('select rollup.roll_up(1)'));
  if (action === 'roll up, then crash') await crashAfter('refresher', 'select rollup.roll_up()', []);
  if (action === 'refresh') await refresh(refresher);
  return [];
};

const storedCells = async (): Promise<Map<string, Cell>> => {
  const rows = await db.rows<{ key: string[] } & Cell>(`
    select
      array[tenant_id, to_char(bucket at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), kind, name, error_code,
        fault, cold_start::text] as key,
      calls, total_us as "totalUs", min_ms as "minMs", max_ms as "maxMs", retries, request_bytes as "requestBytes"
    from rollup.tenant_hour`);
  return new Map(rows.map(({ key, ...cell }) => [key.join('|'), cell]));
};

test('each stored call is counted once in any order of batches, duplicates, crashes and refreshes', async () => {
  const [type] = await db.rows<{ oid: number }>("select 'analytics.delivered_v1'::regtype::oid::integer as oid");
  await fc.assert(
    fc.asyncProperty(history, async ({ calls, steps }) => {
      await clearStore(db);
      const stored: Invocation[] = [];
      for (const { action, batch } of steps) {
        const records = batch.flatMap((at) => calls[at] ?? []);
        stored.push(...(await runStep(action, records, type?.oid ?? 0)));
      }
      await refresh(refresher);

      const expected = removeDuplicates(stored);
      expect(await db.rows('select count(*) as calls from analytics.invocations')).toEqual([
        { calls: expected.length },
      ]);
      expect(await storedCells()).toEqual(cellsOf(expected));
      const [figures] = await db.rows<{ times: number; total: number }>(
        'select coalesce(sum(times), 0) as times, coalesce(sum(total), 0) as total from rollup.measure_hour',
      );
      const revenues = expected.flatMap(({ measures }) => (measures ? [measures.revenue ?? 0] : []));
      expect(figures?.times).toBe(revenues.length);
      expect(figures?.total).toBeCloseTo(
        revenues.reduce((sum, revenue) => sum + revenue, 0),
        6,
      );
      const range = [new Date(lastHour - 8 * HOUR_MS), new Date(lastHour + HOUR_MS)];
      expect(await db.rows('select * from rollup.differences($1, $2)', range)).toEqual([]);
      expect(await db.rows('select * from rollup.total_differences()')).toEqual([]);

      const rates = await db.rows<{ tool_name: string; total_invocations: number; error_count: number }>(
        'select tool_name, total_invocations, error_count from analytics.tool_error_rate_24h order by tool_name',
      );
      const tools = [...new Set(expected.map(({ name }) => name))].sort();
      expect(rates).toEqual(
        tools.map((tool_name) => {
          const calls = expected.filter(({ name }) => name === tool_name);
          const failed = calls.filter(({ success }) => !success);
          return { tool_name, total_invocations: calls.length, error_count: failed.length };
        }),
      );
      const latencies = await db.rows<{
        tool_name: string;
        p50_ms: number | null;
        p95_ms: number | null;
        p99_all_ms: number;
      }>('select tool_name, p50_ms, p95_ms, p99_all_ms from analytics.tool_latency_p50_p95_24h');
      for (const { tool_name, p50_ms, p95_ms, p99_all_ms } of latencies) {
        const calls = expected.filter(({ name }) => name === tool_name);
        const successes = calls.filter(({ success }) => success).map(({ duration_ms }) => duration_ms);
        expectWithinOnePercent(p50_ms, percentileOf(successes, 0.5));
        expectWithinOnePercent(p95_ms, percentileOf(successes, 0.95));
        expectWithinOnePercent(
          p99_all_ms,
          percentileOf(
            calls.map(({ duration_ms }) => duration_ms),
            0.99,
          ),
        );
      }
      for (const tenant of ['acme', 'zenith']) await expectFiguresOf(tenant, expected);
    }),
    { numRuns: 40 },
  );
});

const expectFiguresOf = async (tenant: string, all: Invocation[]): Promise<void> => {
  const figures = await db.rows<{ tool_name: string; total_invocations: number; error_count: number; p95_ms: number }>(
    `select tool_name, total_invocations, error_count, p95_ms
     from rollup.tenant_figures where tenant_id = $1 order by tool_name`,
    [tenant],
  );
  const tenantCalls = all.filter(({ tenant_id }) => tenant_id === tenant);
  expect(figures.map(({ tool_name }) => tool_name)).toEqual([...new Set(tenantCalls.map(({ name }) => name))].sort());
  for (const { tool_name, total_invocations, error_count, p95_ms } of figures) {
    const calls = tenantCalls.filter(({ name }) => name === tool_name);
    const successes = calls.filter(({ success }) => success);
    expect([total_invocations, error_count]).toEqual([calls.length, calls.length - successes.length]);
    const durations = successes.map(({ duration_ms }) => duration_ms);
    expectWithinOnePercent(p95_ms, percentileOf(durations, 0.95));
  }
};

const expectWithinOnePercent = (shown: number | null, exact: number | undefined): void => {
  if (exact === undefined) expect(shown).toBeNull();
  else expect(Math.abs((shown ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * 0.01 + 1e-9);
};

const manyCalls = (count: number, from = 0): Invocation[] =>
  Array.from({ length: count }, (_, at) =>
    anInvocation({
      started_at: new Date(now - 60_000 - ((from + at) % 4) * HOUR_MS).toISOString(),
      name: `tool_${at % 7}`,
      tenant_id: `tenant-${at % 3}`,
      duration_ms: 1 + (at % 997),
    }),
  );

test('writers and roll-ups that run at the same time count each call once', async () => {
  const batches = Array.from({ length: 24 }, (_, at) => manyCalls(200, at));
  const writers = Array.from({ length: 4 }, async (_, writerAt) => {
    const database = openDatabase({ connectionString: db.urlFor('writer') });
    // Each batch is sent twice, by two writers.
    for (const batch of batches.filter((_batch, at) => at % 2 === writerAt % 2)) await store(database, batch);
    await database.close();
  });
  const refreshers = Array.from({ length: 2 }, async () => {
    const database = openDatabase({ connectionString: db.urlFor('refresher') });
    for (let round = 0; round < 10; round += 1) await refresh(database);
    await database.close();
  });
  await Promise.all([...writers, ...refreshers]);
  await refresh(refresher);
  const [total] = await db.rows<{ calls: number }>('select sum(calls) as calls from rollup.tool_hour');
  expect(total?.calls).toBe(24 * 200);
  const range = [new Date(lastHour - 8 * HOUR_MS), new Date(lastHour + HOUR_MS)];
  expect(await db.rows('select * from rollup.differences($1, $2)', range)).toEqual([]);
});

test('damaged cells are found, and rebuilt from the calls', async () => {
  await store(writer, manyCalls(300));
  await refresh(refresher);
  await db.rows("update rollup.tool_hour set calls = calls + 1 where name = 'tool_3'");
  await db.rows("delete from rollup.tenant_hour where name = 'tool_4'");
  await store(writer, manyCalls(50, 1)); // pending, so neither roll-ups nor differences count them
  const range = [new Date(lastHour - 8 * HOUR_MS), new Date(lastHour + HOUR_MS)];
  const operator = db.as('operator');
  const differences = () =>
    operator.run(async (client) => (await client.query('select * from rollup.differences($1, $2)', range)).rows);

  expect((await differences()).length).toBeGreaterThan(0);
  await operator.run((client) => client.query('select rollup.rebuild($1, $2)', range));
  expect(await differences()).toEqual([]);
  await refresh(refresher);
  expect(await differences()).toEqual([]);
  const [total] = await db.rows<{ calls: number }>('select sum(calls) as calls from rollup.tool_hour');
  expect(total?.calls).toBe(350);
});
