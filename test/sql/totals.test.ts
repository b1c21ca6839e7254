import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { readStatement } from '../../lambdas/database/statements.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { migrate } from '../../lambdas/migrate/migrate.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation, eventIdAt } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';
import { root } from '../support/source-files.ts';
import { clearStore } from '../support/store-contents.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const db = await testDatabase();
const [writer, refresher, operator, retention] = [
  db.as('writer'),
  db.as('refresher'),
  db.as('operator'),
  db.as('retention'),
];

beforeEach(async () => {
  await clearStore(db);
  await db.rows("update analytics.horizon set dropped_before = '-infinity'");
  await db.rows('update rollup.progress set gauges_refused = 0');
});

const ask = <Row extends object>(text: string, values: unknown[] = []) =>
  operator.run(async (client) => (await client.query<Row>(text, values)).rows);
const count = async (records: Invocation[]) => {
  await store(writer, records);
  expect(await refresh(refresher)).toMatchObject({ failures: [], put_aside: 0 });
};

/** What is shown of everything, by family and labels: each count and the sum. */
const shown = async (): Promise<Map<string, number[]>> => {
  const rows = await ask<{ key: string; counts: number[]; total: number }>(
    `select family || labels::text as key, counts::double precision[] as counts, total
     from analytics.metric_totals where not falls`,
  );
  return new Map(rows.map(({ key, counts, total }) => [key, [...counts, total]]));
};
const totalDifferences = () => ask('select * from rollup.total_differences()');

const hoursAround = (agoMs: number) => {
  const hour = Math.floor((Date.now() - agoMs) / HOUR_MS) * HOUR_MS;
  return [new Date(hour), new Date(hour + HOUR_MS)];
};

describe('totals', () => {
  const aCall = fc
    .record({
      agoMs: fc.integer({ min: 60_000, max: 3 * HOUR_MS }),
      kind: fc.constantFrom('tool' as const, 'http' as const, 'job' as const),
      name: fc.constantFrom('GET /a', '/b', 'search'),
      success: fc.boolean(),
      duration_ms: fc.constantFrom(0, 4.9, 5.1, 120, 70_000, 4e6),
      orders: fc.nat(9),
      status: fc.constantFrom(200, 404, 503),
    })
    .map(({ agoMs, orders, status, ...call }): Invocation => {
      const started = new Date(Date.now() - agoMs);
      return anInvocation({
        ...call,
        event_id: eventIdAt(started),
        started_at: started.toISOString(),
        measures: { 'orders_total{shop="a"}': orders },
        metadata: {
          http: { method: 'GET', route: '/a', status },
          dependencies: { shop: { calls: 2, failed: 1, ms: 3 } },
        },
      });
    });
  const STEPS: Record<string, () => Promise<unknown>> = {
    rebuild: () => ask('select rollup.rebuild($1, $2)', hoursAround(HOUR_MS)),
    'rebuild totals': () => ask('select rollup.rebuild_totals()'),
    'lose cells': () => db.rows("delete from rollup.tool_hour where name = 'search'"),
    'count twice': () => db.rows('update rollup.tool_hour set histogram = histogram || histogram, calls = calls * 2'),
    'spoil totals': () => db.rows('update rollup.totals set total = total + 5, counts[1] = counts[1] + 1'),
    refresh: () => refresh(refresher),
  };

  test('never become less, whatever is counted again, lost or repaired', async () => {
    const steps = fc.array(
      fc.oneof(fc.constantFrom(...Object.keys(STEPS)), fc.array(aCall, { minLength: 1, maxLength: 8 })),
      { minLength: 2, maxLength: 8 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (given) => {
        await clearStore(db);
        let before = await shown();
        for (const step of given) {
          if (typeof step === 'string') await STEPS[step]?.();
          else await store(writer, step);
          const after = await shown();
          for (const [key, figures] of before)
            figures.forEach((figure, at) => {
              expect(after.get(key)?.[at], `${key} ${at} after ${step}`).toBeGreaterThanOrEqual(figure);
            });
          before = after;
        }
      }),
      { numRuns: 25 },
    );
  });

  test('are those of the calls, after rebuilding as before', async () => {
    const records = fc.sample(aCall, 60);
    await count(records);
    const before = await shown();
    const calls = [...before].filter(([key]) => key.startsWith('calls'));
    expect(calls.reduce((sum, [, figures]) => sum + figures.slice(0, -1).reduce((all, one) => all + one), 0)).toBe(60);
    expect(before.get('series{"orders_total{shop=\\"a\\"}"}')?.at(-1)).toBe(
      records.reduce((sum, { measures }) => sum + (measures?.['orders_total{shop="a"}'] ?? 0), 0),
    );
    expect(before.get('provider{shop,error}')).toEqual([60, 0]);
    for (const agoMs of [0, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS])
      await ask('select rollup.rebuild($1, $2)', hoursAround(agoMs));
    expect(await shown()).toEqual(before);
    expect(await totalDifferences()).toEqual([]);
  });

  test('that are wrong are found and repaired, and stay until the calls catch up with them', async () => {
    const aSearch = () => anInvocation({ name: 'search', duration_ms: 50 });
    await count([aSearch(), aSearch()]);
    await db.rows("update rollup.totals set counts[4] = 5 where labels[2] = 'search'");
    expect(await totalDifferences()).toHaveLength(1);
    await ask('select rollup.rebuild_totals()');
    expect(await totalDifferences()).toEqual([]);
    const searches = async () => (await shown()).get('calls{tool,search,"",""}')?.[3];
    expect(await searches()).toBe(5);
    await count([aSearch(), aSearch()]);
    expect(await searches()).toBe(5);
    await count([aSearch(), aSearch()]);
    expect(await searches()).toBe(6);
  });

  test('stay when days are dropped and hours are folded', async () => {
    await db.rows('select analytics.make_days(current_date - 12, current_date - 8)');
    const old = (given: Partial<Invocation>) =>
      anInvocation({ started_at: new Date(Date.now() - 12 * DAY_MS).toISOString(), ...given });
    await count([
      old({}),
      old({ kind: 'http', name: 'GET /a', metadata: { dependencies: { shop: { calls: 1, failed: 0, ms: 2 } } } }),
    ]);
    const before = await shown();
    await retention.run((client) => client.query('select analytics.drop_oldest_day(7)'));
    await retention.run((client) => client.query('select rollup.fold_days(5)'));
    expect(await db.rows('select from rollup.tool_hour')).toEqual([]);
    expect(await db.rows("select from rollup.http_hour where bucket <> date_trunc('day', bucket, 'UTC')")).toEqual([]);
    expect(await shown()).toEqual(before);
    expect(await totalDifferences()).toEqual([]);
  });

  test('count durations up to the bounds that they are shown by', async () => {
    await count(
      [1, 5, 5.2, 100, 103, 60_000, 62_000, 3_500_000, 8_000_000].map((duration_ms) => anInvocation({ duration_ms })),
    );
    const [row] = await ask<{ cumulated: number[]; bounds: number[] }>(`
      select rollup.duration_bounds() as bounds, (
        select array_agg(upto order by place) from (
          select place, sum(calls) over (order by place)::double precision as upto
          from unnest(counts) with ordinality as given (calls, place)
        ) as running
      ) as cumulated
      from analytics.metric_totals where family = 'calls'`);
    const exact = [1, 5, 5.2, 100, 103, 60_000, 62_000, 3_500_000, 8_000_000];
    expect(row?.cumulated).toEqual(
      [...(row?.bounds ?? []), Number.POSITIVE_INFINITY].map(
        (bound) => exact.filter((duration) => duration <= bound * 1_000).length,
      ),
    );
  });

  test('have names of their own up to a limit, and then one for all others', async () => {
    await count(Array.from({ length: 150 }, (_, at) => anInvocation({ kind: 'job', name: `job_${at}` })));
    const later = Array.from({ length: 1_500 }, (_, at) => anInvocation({ kind: 'job', name: `job_${at + 150}` }));
    await count(later.map((call, at) => ({ ...call, measures: { [`figure_${at}`]: 1, [`other_${at}`]: 2 } })));
    const names = await ask<{ name: string; calls: number }>(
      `select name, calls from analytics.call_totals where kind = 'job'`,
    );
    expect(names).toHaveLength(201);
    expect(names.filter(({ name }) => name === 'job_149')).toEqual([{ name: 'job_149', calls: 1 }]);
    expect(names.find(({ name }) => name === '_OTHER')).toEqual({ name: '_OTHER', calls: 1_450 });
    const series = [...(await shown())].filter(([key]) => key.startsWith('series'));
    expect(series).toHaveLength(2_001);
    expect(series.find(([key]) => key === 'series{_OTHER}')?.[1][0]).toBe(1_000);
    expect(await totalDifferences()).toEqual([]);
  });

  test('of a store that is migrated are those of its cells', async () => {
    const old = await testDatabase();
    await store(old.as('writer'), [
      anInvocation({ duration_ms: 50 }),
      anInvocation({ kind: 'http', name: 'GET /a', fault: 'ours', error_code: 'TIMEOUT' }),
      anInvocation({ kind: 'http', name: 'mcp', measures: { orders: 2 } }),
    ]);
    await refresh(old.as('refresher'));
    const totals = 'select family, labels, counts, total from rollup.totals order by family, labels';
    const counted = await old.rows(totals);
    expect(counted).toHaveLength(6);
    const migration = readFileSync(join(root, 'sql/migrations/0012-totals.sql'), 'utf8');
    const owner = old.as('owner');
    await owner.run((client) => client.query(readStatement('migrate-drop-views')));
    await owner.run((client) =>
      client.query(`
        drop table rollup.totals, rollup.http_hour, rollup.provider_hour, rollup.admitted_names, rollup.gauges;
        alter table rollup.progress drop column metadata_from, drop column gauges_refused;
        delete from migrations.views`),
    );
    await owner.run((client) => client.query(migration));
    await owner.run((client) => migrate(client));
    expect(await old.rows(totals)).toEqual(counted);
    expect(await old.rows('select * from rollup.total_differences()')).toEqual([]);
  });
});

describe('exemplars', () => {
  test('are the trace ids of calls that have one', async () => {
    const trace_id = '0af7651916cd43dd8448eb211c80319c';
    await count([
      anInvocation({ name: 'traced', duration_ms: 50, trace_id }),
      anInvocation({ name: 'untraced' }),
      anInvocation({ name: 'mistraced', trace_id: 'x" y' }),
    ]);
    const rows = await ask(
      `select labels[2] as name, exemplar_trace_id, exemplar_ms from analytics.metric_totals
       where family = 'calls' order by 1`,
    );
    expect(rows).toEqual([
      { name: 'mistraced', exemplar_trace_id: null, exemplar_ms: null },
      { name: 'traced', exemplar_trace_id: trace_id, exemplar_ms: 50 },
      { name: 'untraced', exemplar_trace_id: null, exemplar_ms: null },
    ]);
  });
});

describe('gauges', () => {
  const setGauges = (gauges: Record<string, unknown>, agoMs = 60_000, given: Partial<Invocation> = {}) =>
    anInvocation({
      started_at: new Date(Date.now() - agoMs).toISOString(),
      metadata: { gauges } as Invocation['metadata'] & object,
      ...given,
    });
  const gauges = async () =>
    Object.fromEntries(
      (
        await ask<{ series: string; value: number }>(
          'select series, value from analytics.metric_gauges where set_by_call',
        )
      ).map(({ series, value }) => [series, value]),
    );

  test('have the value that was set last, in whatever order lines arrive, for an hour', async () => {
    await count([
      setGauges({ depth: 3 }, 120_000),
      setGauges({ depth: 4 }, 60_000),
      setGauges({ old: 1 }, 1.1 * HOUR_MS),
    ]);
    await count([setGauges({ depth: 9 }, 180_000)]);
    expect(await gauges()).toEqual({ depth: 4 });
    const later = await operator.run(async (client) => {
      await client.query(`begin; set local analytics.now = '${new Date(Date.now() + HOUR_MS).toISOString()}'`);
      const { rows } = await client.query('select series from analytics.metric_gauges where set_by_call');
      await client.query('commit');
      return rows;
    });
    expect(later).toEqual([]);
  });

  test('include how many jobs wait in a queue, by the measure of its jobs', async () => {
    await count([anInvocation({ kind: 'job', name: 'send "now"\\', measures: { queue_depth: 12 } })]);
    expect(await gauges()).toEqual({ 'job_queue_depth{queue="send \\"now\\"\\\\"}': 12 });
    expect((await shown()).has('series{queue_depth}')).toBe(false);
  });

  test('that are no numbers, or too many, are refused and counted, and nothing else is lost', async () => {
    const many = Array.from({ length: 20 }, (_, batch) =>
      setGauges(Object.fromEntries(Array.from({ length: 60 }, (_value, at) => [`g_${batch * 60 + at}`, at]))),
    );
    await count([...many, setGauges({ words: 'many', list: [1], none: null, huge: 1e300, fine: 1 }, 30_000)]);
    expect(Object.keys(await gauges())).toHaveLength(1_000);
    const [refused] = await ask(`select counts from analytics.metric_totals where family = 'refused'`);
    expect(refused).toEqual({ counts: ['201'] });
    expect(await ask('select sum(calls) as calls from rollup.tool_hour')).toEqual([{ calls: 21 }]);
    await count([setGauges({ g_0: 77 }, 10_000)]);
    expect((await gauges()).g_0).toBe(77);
  });
});

describe('requests', () => {
  const aRequest = (status: number | undefined, given: Partial<Invocation> = {}) =>
    anInvocation({
      kind: 'http',
      name: 'GET /v1/contacts',
      started_at: new Date(Math.max(Math.floor(Date.now() / HOUR_MS) * HOUR_MS, Date.now() - 60_000)).toISOString(),
      ...(status !== undefined && { metadata: { http: { method: 'GET', route: '/v1/contacts', status } } }),
      ...given,
    });
  const alerts = () => ask(`select message from analytics.v_alert_conditions where type = 'api_error_rate'`);

  test('have the status that the client read; without one, that of their error code', async () => {
    const refused = { error_code: 'UNAUTHORIZED', fault: 'caller' } as const;
    const failed = { error_code: 'INTERNAL_ERROR', fault: 'ours' } as const;
    await count([
      aRequest(200),
      aRequest(403, refused),
      aRequest(401, refused),
      aRequest(503, failed),
      aRequest(undefined, refused),
      aRequest(undefined, failed),
      aRequest(undefined, { error_code: 'RATE_LIMITED', fault: 'caller' }),
    ]);
    const [hour] = await ask(`select errors_by_status_code, failed_requests from analytics.v_api_usage_metrics`);
    expect(hour).toEqual({ failed_requests: 6, errors_by_status_code: { 401: 2, 403: 1, 429: 1, 500: 1, 503: 1 } });
  });

  test('whose metadata is anything are counted', async () => {
    const odd = [
      1,
      'x',
      null,
      [],
      { method: 5, status: '200' },
      { method: 'BREW', route: '', status: 1e9 },
      { status: 404.5 },
    ];
    await count(odd.map((http) => aRequest(undefined, { metadata: { http, dependencies: http, gauges: http } })));
    expect(await ask('select sum(calls) as calls from rollup.http_hour')).toEqual([{ calls: odd.length }]);
    expect(await ask('select * from rollup.differences($1, $2)', hoursAround(0))).toEqual([]);
  });

  test('that are refused for their caller make no condition, however many', async () => {
    await count(
      [400, 401, 403, 404, 429].flatMap((status) =>
        Array.from({ length: 10 }, () => aRequest(status, { error_code: 'INVALID_INPUT', fault: 'caller' })),
      ),
    );
    expect(await alerts()).toEqual([]);
  });

  test.each(['ours', 'platform', 'dependency'] as const)(
    'that fail by the fault %s make one, and refused ones do not hide it',
    async (fault) => {
      await count([
        ...Array.from({ length: 90 }, () => aRequest(400, { error_code: 'INVALID_INPUT', fault: 'caller' })),
        ...Array.from({ length: 6 }, () => aRequest(500, { error_code: 'INTERNAL_ERROR', fault })),
        ...Array.from({ length: 4 }, () => aRequest(200)),
      ]);
      expect(await alerts()).toEqual([{ message: expect.stringMatching(/^6 of 10 requests failed/) }]);
    },
  );
});

test('lines that only carry metrics are no jobs of a queue', async () => {
  await count([anInvocation({ kind: 'job', name: '_metrics' }), anInvocation({ kind: 'job', name: 'orders' })]);
  expect(await ask('select queue from analytics.v_queue_health')).toEqual([{ queue: 'orders' }]);
});
