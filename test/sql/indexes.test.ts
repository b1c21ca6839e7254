import { beforeAll, describe, expect, test } from 'vitest';
import { readStatement } from '../../lambdas/database/statements.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();

beforeAll(async () => {
  const writer = db.as('writer');
  for (let batch = 0; batch < 10; batch += 1)
    await store(
      writer,
      Array.from({ length: 2_000 }, (_, at) =>
        anInvocation({
          started_at: new Date(Date.now() - (batch * 2_000 + at) * 1_000).toISOString(),
          tenant_id: `tenant-${at % 20}`,
          correlation_id: `request-${batch * 2_000 + at}`,
          session_id: `session-${at % 300}`,
          domain: 'shop.example',
          provider: 'shop',
          ...(at % 50 === 0 && { fault: 'ours' as const }),
        }),
      ),
    );
  await db.rows('vacuum analyze analytics.invocations');
});

const reader = db.as('reader');

/** What `explain` says of a statement, as it is asked to. */
const explain = <Answer>(how: string, text: string, values: unknown[], scope: string): Promise<Answer[]> =>
  reader.run(async (client) => {
    await client.query('begin');
    await client.query('select analytics.read_as($1)', [scope]);
    const { rows } = await client.query<{ 'QUERY PLAN': Answer }>(`explain ${how} ${text}`, values);
    await client.query('commit');
    return rows.map((row) => row['QUERY PLAN']);
  });

/** Names of the indexes that a statement's plan reads: for a partition's index, that of the partitioned table. */
const indexesOf = async (text: string, values: unknown[], scope = 'tenant-3'): Promise<string[]> => {
  const plan = (await explain<string>('', text, values, scope)).join('\n');
  const parents = await db.rows<{ child: string; parent: string }>(`
    select child.relname as child, parent.relname as parent
    from pg_inherits join pg_class as child on child.oid = inhrelid join pg_class as parent on parent.oid = inhparent
    where child.relkind = 'i'`);
  return [...new Set(parents.filter(({ child }) => plan.includes(child)).map(({ parent }) => parent))];
};

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Plan[];
}

/** How many rows of these tables a plan looks at, each as often as it does. */
const countRows = (plan: Plan, tables: string): number => {
  const below = (plan.Plans ?? []).reduce((sum, child) => sum + countRows(child, tables), 0);
  if (!plan['Relation Name']?.startsWith(tables)) return below;
  const removed = (plan['Rows Removed by Filter'] ?? 0) + (plan['Rows Removed by Index Recheck'] ?? 0);
  return below + (plan['Actual Rows'] + removed) * plan['Actual Loops'];
};

/** How many rows a statement looks at, in tables whose names begin so. */
const rowsReadBy = async (tables: string, text: string, values: unknown[], scope: string): Promise<number> => {
  const [[answer] = []] = await explain<[{ Plan: Plan }]>('(analyze, format json)', text, values, scope);
  return countRows((answer as { Plan: Plan }).Plan, tables);
};

/** How many calls a statement looks at. */
const callsReadBy = (text: string, values: unknown[], scope: string): Promise<number> =>
  rowsReadBy('invocations_', text, values, scope);

test.each(['tenant-3', '*'])(
  'recent failures are read from the index on failures, newest first, with the scope %s',
  async (scope) => {
    expect(await indexesOf(readStatement('api-failures'), [180, null, null, 20], scope)).toEqual([
      'failed_invocations_by_time',
    ]);
  },
);

/** What api-calls is asked for of so many minutes, with one filter. */
const askCalls = (minutes: number, { at, of }: { at: number; of: string }): unknown[] => {
  const values = [new Date(Date.now() - minutes * 60_000), new Date(), 50, ...Array.from({ length: 18 }, () => null)];
  return values.with(at - 1, of as never);
};

test.each(['tenant-3', '*'])('the calls of a person or a session are found, with the scope %s', async (scope) => {
  for (const at of [14, 15])
    expect(await indexesOf(readStatement('api-calls'), askCalls(7 * 24 * 60, { at, of: 'rare' }), scope)).toContain(
      'calls_by_person',
    );
});

test.each(['tenant-3', '*'])(
  'the failures of a group are read from the index on failures, with the scope %s',
  async (scope) => {
    expect(await indexesOf(readStatement('api-calls'), askCalls(7 * 24 * 60, { at: 21, of: 'f-1' }), scope)).toContain(
      'failed_invocations_by_time',
    );
  },
);

test.each(['tenant-3', '*'])(
  'the calls of a request are found without reading all, with the scope %s',
  async (scope) => {
    const ofMinutes = (minutes: number) =>
      indexesOf(readStatement('api-calls'), askCalls(minutes, { at: 19, of: 'request-4003' }), scope);
    expect(await ofMinutes(1)).toEqual(['one_row_an_event']);
    expect(await ofMinutes(7 * 24 * 60)).toContain('calls_by_correlation');
  },
);

describe.each(['tenant-3', '*'])('a limit ends what a statement reads, with the scope %s', (scope) => {
  /** One call in twenty is the tenant's. */
  const share = scope === '*' ? 1 : 20;
  const week = [new Date(Date.now() - 7 * 86_400_000), new Date()];

  test('of a page of calls, which looks at each that it shows once more', async () => {
    const page = [...week, 50, ...Array.from({ length: 18 }, () => null)];
    expect(await callsReadBy(readStatement('api-calls'), page, scope)).toBeLessThanOrEqual(51 * share + 50);
  });

  test('of the sessions of the newest calls', async () => {
    const page = [...week, 10, null, null, null, null, 500, null, null];
    expect(await callsReadBy(readStatement('api-sessions'), page, scope)).toBeLessThanOrEqual(502 * share);
  });

  test('of who called a tool', async () => {
    expect(await callsReadBy(readStatement('api-tool-mix'), ['order_status', 500], scope)).toBeLessThanOrEqual(
      501 * share,
    );
  });

  test('of what depends on outside services, in the window and before it', async () => {
    const from = new Date(Date.now() - 10_000_000);
    const windows = [from, new Date(), week[0], 500, 100, null, 20];
    expect(await callsReadBy(readStatement('api-providers'), windows, scope)).toBeLessThanOrEqual(2 * 501 * share);
  });

  test('of the people of each week', async () => {
    const weeks = [new Date(Date.now() - 13.5 * 86_400_000), 2, 500];
    expect(await callsReadBy(readStatement('api-adoption-people'), weeks, scope)).toBeLessThanOrEqual(501 * share);
  });

  test('of operations, which looks at each that it shows once more', async () => {
    const operations = [week[0], null, null, null, 50, 500];
    expect(await callsReadBy(readStatement('api-operations'), operations, scope)).toBeLessThanOrEqual(502 * share + 50);
  });
});

test.each(['api-health-recent', 'api-health-probes'])(
  '%s reads the calls of its minutes and what is stored beside them, and not the day',
  async (name) => {
    const ends = [new Date(Date.now() - 15 * 60_000), new Date(Date.now() + 5 * 60_000)];
    expect(await callsReadBy(readStatement(name), ends, '*')).toBeLessThanOrEqual(2 * 60 * 60);
  },
);

test('the calls of the last quarter of an hour are read from their own cells', async () => {
  await db.rows(
    `insert into rollup.tool_5m
     select
       timestamptz 'epoch' + interval '5 minutes' * (floor(extract(epoch from now()) / 300) - n / 20), 'tool', 'tool_' || n % 20,
       '', '', false, 1, 1, 1, 1, 0, 0, 0, 0, now(), '{}'
     from generate_series(20, 40000) as n`,
  );
  await db.rows('vacuum analyze rollup.tool_5m');
  const plan = (await explain<string>('', 'select * from analytics.recent_calls', [], '*')).join('\n');
  expect(plan).toContain('on tool_5m');
  expect(plan).not.toContain('Seq Scan on tool_5m');
});

test.each(['tenant-3', '*'])('measures of a time are read from their key, with the scope %s', async (scope) => {
  await db.rows(
    `insert into rollup.measure_hour
     select 'tenant-' || n % 20, date_bin('1 hour', now(), timestamptz 'epoch') - n / 20 * interval '1 hour', 'tool', 'buy',
       'revenue', 1, 1, 1, 1
     from generate_series(1, 40000) as n
     on conflict do nothing`,
  );
  await db.rows('vacuum analyze rollup.measure_hour');
  const ends = [7, -1, 14, 7].map((days) => new Date(Date.now() - days * 86_400_000));
  const plan = (await explain<string>('', readStatement('api-kpis'), [...ends, null, null, 50, 5], scope)).join('\n');
  expect(plan).toContain('one_cell_a_measure');
  expect(plan).not.toContain('Seq Scan on measure_hour');
});

test('for each tenant and week that is looked at, one cell is read', async () => {
  await db.rows(
    `insert into rollup.tenant_hour
     select
       'tenant-' || n % 20, date_bin('1 hour', now(), timestamptz 'epoch') - n / 20 * interval '1 hour', 'tool', 'search',
       '', '', false, 1, 1, 1, 1, 0, 0, 0, 0, now(), '{}'
     from generate_series(20, 40019) as n`,
  );
  await db.rows(
    "insert into rollup.tenants select 'tenant-' || n, now() - interval '1 year', now() from generate_series(0, 19) as n",
  );
  await db.rows('vacuum analyze rollup.tenant_hour, rollup.tenants');
  const weeks = [new Date(Date.now() - 12 * 7 * 86_400_000), 12, '_OTHER', 10_000];
  const read = await rowsReadBy('tenant_hour', readStatement('api-adoption-weeks'), weeks, '*');
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThanOrEqual(20 * 12);
});

test('of a request with many calls those around one of them are read, and no others of the days that it has calls on', async () => {
  await db.rows(
    "update analytics.invocations set correlation_id = 'of-many' where started_at > now() - interval '3 hours'",
  );
  await db.rows('vacuum analyze analytics.invocations');
  const [middle] = await db.rows<{ event_id: string; started_at: Date }>(
    'select event_id, started_at from analytics.invocations order by abs(extract(epoch from now() - started_at) - 5400) limit 1',
  );
  // A day beside them is searched in the order of time, so one on which the request has no call is read to its end.
  const [besides] = await db.rows<{ calls: number }>(
    `select coalesce(sum(calls), 0)::integer as calls
     from (
       select count(*) as calls, bool_or(correlation_id = 'of-many') as has_some
       from analytics.invocations group by date_trunc('day', started_at, 'UTC')
     ) as days
     where not has_some`,
  );
  const thread = ['of-many', middle?.started_at, middle?.event_id];
  const read = await callsReadBy(readStatement('api-call-thread'), thread, '*');
  expect(read).toBeLessThanOrEqual(700 + (besides?.calls ?? 0));
});

test.each(['tenant-3', '*'])(
  'operations at a domain are read from their own index, with the scope %s',
  async (scope) => {
    await db.rows("update analytics.invocations set domain = null where started_at > now() - interval '3 hours'");
    await db.rows('vacuum analyze analytics.invocations');
    const operations = [new Date(Date.now() - 7 * 86_400_000), null, null, null, 50, 50_000];
    expect(await indexesOf(readStatement('api-operations'), operations, scope)).toContain('calls_by_domain');
  },
);

test('a time range and a single call are read from the key', async () => {
  const from = new Date(Date.now() - 60_000);
  expect(await indexesOf('select * from analytics.invocations where started_at >= $1', [from])).toEqual([
    'one_row_an_event',
  ]);
  const id = '01a1fb3d-17f1-7000-8000-000000000002';
  expect(
    await indexesOf('select * from analytics.invocations where event_id = $1 and started_at = $2', [id, from]),
  ).toEqual(['one_row_an_event']);
});

test('the rows of a batch are read from the index on batches, which is smaller than the key', async () => {
  expect(await indexesOf('select count(*) from analytics.invocations where batch_id = 7', [])).toEqual([
    'invocations_by_batch',
  ]);
  const sizes = await db.rows<{ bytes: number }>(`
    select sum(pg_relation_size(inhrelid)) as bytes from pg_inherits join pg_class on pg_class.oid = inhparent
    where relname in ('invocations_by_batch', 'one_row_an_event') group by relname order by relname`);
  expect(sizes[0]?.bytes ?? 0).toBeLessThan(sizes[1]?.bytes ?? 0);
});

test('the store needs no extension: no object depends on the only one it may use', async () => {
  await db.rows('drop extension pg_stat_statements restrict');
  expect(await db.rows('select extname from pg_extension')).toEqual([{ extname: 'plpgsql' }]);
});
