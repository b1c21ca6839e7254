import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import {
  MAX_ANSWER_BYTES,
  MAX_STATEMENT_SECONDS,
  type SqlAnswer,
  type SqlError,
  type SqlRows,
  sqlAnswer,
} from '../../lambdas/contract/sql.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { runStatement } from '../../lambdas/sql/run-statement.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';
import { readableViews } from '../support/store-contents.ts';

const db = await testDatabase();

/** Names that only calls of the tenant zenith have. */
const OF_ZENITH = /zenith|secret_tool|wh_zenith|rule_zenith/;

beforeAll(async () => {
  await store(db.as('writer'), [
    ...Array.from({ length: 3 }, () => anInvocation({ tenant_id: 'acme', name: 'search', duration_ms: 10 })),
    anInvocation({ tenant_id: 'zenith', name: 'secret_tool', fault: 'ours', measures: { revenue: 1 } }),
    anInvocation({ tenant_id: 'zenith', kind: 'http', name: 'GET /secret_tool' }),
    anInvocation({ tenant_id: 'zenith', kind: 'webhook', name: 'wh_zenith', fault: 'ours' }),
    anInvocation({ tenant_id: 'zenith', kind: 'rule', name: 'rule_zenith' }),
    anInvocation({ tenant_id: 'zenith', kind: 'sync', name: 'inbound:secret_tool' }),
    anInvocation({
      tenant_id: 'zenith',
      kind: 'dependency',
      name: 'secret_tool',
      measures: { rate_limit_count: 95, rate_limit_max: 100 },
      metadata: { rate_limit_key: 'secret_tool' },
    }),
  ]);
  await refresh(db.as('refresher'));
});

interface Options {
  tenant?: string;
  rows?: number;
  seconds?: number;
}
const ask = (statement: string, { tenant, rows = 1_000, seconds = 5 }: Options = {}): Promise<SqlAnswer> =>
  runStatement(
    { connectionString: db.urlFor(tenant === undefined ? 'operator_sql' : 'tenant_sql') },
    { statement, tenant, rows, seconds },
  );
const rowsOf = async (statement: string, options?: Options): Promise<SqlRows> => {
  const answer = await ask(statement, options);
  if ('error' in answer) throw new Error(`${statement}: ${JSON.stringify(answer.error)}`);
  return answer;
};
const errorOf = async (statement: string, options?: Options): Promise<SqlError> => {
  const answer = await ask(statement, options);
  if ('error' in answer) return answer.error;
  throw new Error(`${statement} was answered: ${JSON.stringify(answer.rows.slice(0, 3))}`);
};

/** Everything in the database that a statement could change: rows with their versions, objects, rights, settings. */
const fingerprint = async (): Promise<unknown> => {
  const tables = await db.rows<{ name: string }>(`
    select oid::regclass::text as name from pg_class
    where relnamespace in ('analytics'::regnamespace, 'rollup'::regnamespace, 'migrations'::regnamespace)
      and relkind in ('r', 'm')`);
  const parts = tables.map(
    ({ name }) =>
      `select '${name}' as name, count(*), md5(string_agg(t.xmin || t::text, ',' order by t::text)) from ${name} as t`,
  );
  const catalogs = [
    'pg_class',
    'pg_proc',
    'pg_authid',
    'pg_db_role_setting',
    'pg_database',
    'pg_namespace',
    'pg_largeobject_metadata',
  ];
  // Other test files have databases and roles of their own on this server, and set them while this file runs.
  const ownRows: Record<string, string> = {
    pg_database: `where datname = '${db.name}'`,
    pg_db_role_setting: `where setdatabase in (0, (select oid from pg_database where datname = '${db.name}'))`,
    pg_authid: `where rolname !~ '^(group_of_)?owner_[0-9a-f]{8}$'`,
  };
  for (const name of catalogs) {
    const columns = name === 'pg_class' ? 'oid, relname, relacl' : '*';
    parts.push(
      `select '${name}', count(*), md5(string_agg(t::text, ',' order by t::text))
       from (select ${columns} from ${name} ${ownRows[name] ?? ''}) as t`,
    );
  }
  return db.rows(parts.join(' union all '));
};

describe('an answer', () => {
  test('has every value as PostgreSQL writes it, whatever the database or the role has set', async () => {
    const statement = `select 9007199254740993::bigint as "big", 0.10000000000000000000001::numeric as exact, 0.1::float8 as part,
      'NaN'::float8 as nan, timestamptz '2026-11-20 12:00:00.123456+02' as at, date '2026-11-20' as day,
      '{"a": [1, null]}'::jsonb as document, array['a,b', null, '"'] as list, '\\xdeadbeef'::bytea as bytes,
      null::text as nothing, '' as empty, true as yes, interval '1 day 2 hours' as lasting, 'é😀' as letters`;
    const expected = [
      '9007199254740993',
      '0.10000000000000000000001',
      '0.1',
      'NaN',
      '2026-11-20 10:00:00.123456+00',
      '2026-11-20',
      '{"a": [1, null]}',
      '{"a,b",NULL,"\\""}',
      '\\xdeadbeef',
      null,
      '',
      't',
      '1 day 02:00:00',
      'é😀',
    ];
    const usual = await rowsOf(statement);
    expect(usual.rows).toEqual([expected]);
    expect(usual.columns.map(({ type }) => type)).toEqual([
      'bigint',
      'numeric',
      'double precision',
      'double precision',
      'timestamp with time zone',
      'date',
      'jsonb',
      'text[]',
      'bytea',
      'text',
      'text',
      'boolean',
      'interval',
      'text',
    ]);
    for (const [name, value] of [
      ['datestyle', 'German'],
      ['timezone', 'Asia/Tokyo'],
      ['bytea_output', 'escape'],
    ])
      await db.rows(`alter role toolwatch_operator_sql in database ${db.name} set ${name} = '${value}'`);
    expect(await rowsOf(statement)).toEqual(usual);
  });

  test('has two columns of one name, no columns, and no rows', async () => {
    expect(await rowsOf('select 1 as a, 2 as a')).toMatchObject({ rows: [['1', '2']] });
    expect(await rowsOf('select')).toEqual({ columns: [], rows: [[]], left_off: null });
    expect(await rowsOf('select name from invocations where false')).toEqual({
      columns: [{ name: 'name', type: 'text' }],
      rows: [],
      left_off: null,
    });
  });

  test.each([
    '/* one /* within */ another */ -- a comment\n select 1;',
    '((select 1)) -- the end',
    'values (1); /* nothing */',
    'with one as (select 1) table one',
    'show search_path',
    '\n-- why\nexplain (costs off) select name from invocations',
  ])('comes of %j', async (statement) => {
    expect((await rowsOf(statement)).rows.length).toBeGreaterThan(0);
  });
});

describe('an error', () => {
  test('is the sentence of the database, with the position in what was written', async () => {
    const statement = "-- é😀\nselect 'é😀', nme from invocations";
    const error = await errorOf(statement);
    expect(error).toMatchObject({ code: '42703', message: 'column "nme" does not exist' });
    expect([...statement].slice((error.position ?? 0) - 1).join('')).toMatch(/^nme/);
    const explained = await errorOf(`explain ${statement.slice(6)}`);
    expect([...`explain ${statement.slice(6)}`].slice((explained.position ?? 0) - 1).join('')).toMatch(/^nme/);
    expect(await errorOf('select 1/0')).toEqual({ code: '22012', message: 'division by zero' });
  });

  test.each([
    ['', 'There is no statement'],
    ['-- nothing', 'There is no statement'],
    ['/* /* */ select 1', 'There is no statement'],
    ['select 1; select 2', 'Write one statement'],
    ['delete from invocations', 'Only statements that read are run'],
    ['commit', 'Only statements that read are run'],
    ['\\d', 'Only statements that read are run'],
    ['explained', 'Only statements that read are run'],
    ['select \0', 'null character'],
  ])('of %j is a sentence', async (statement, sentence) => {
    expect((await errorOf(statement)).message).toContain(sentence);
  });

  test('of a lost connection is one too', async () => {
    const { message } = await errorOf('select pg_terminate_backend(pg_backend_pid())');
    expect(message).toMatch(/terminating connection|was lost/);
  });
});

describe('limits', () => {
  test('rows beyond the number that is asked for are left off, and the answer says so', async () => {
    const answer = await rowsOf('select i from generate_series(1, 100000) as i', { rows: 1_200 });
    expect(answer.rows).toHaveLength(1_200);
    expect(answer.left_off).toBe(
      'Only the first 1200 rows are here. To see the others, ask for more with --limit, or narrow the statement.',
    );
    expect((await rowsOf('select i from generate_series(1, 1200) as i', { rows: 1_200 })).left_off).toBeNull();
    expect((await rowsOf('select i from generate_series(1, 2) as i', { rows: 1 })).left_off).toContain(
      'the first row is',
    );
  });

  test('rows that are too large together are left off', async () => {
    const answer = await rowsOf("select repeat('ü', 100000) from generate_series(1, 10000)", { rows: 10_000 });
    expect(Buffer.byteLength(JSON.stringify(answer.rows))).toBeLessThanOrEqual(MAX_ANSWER_BYTES + 2);
    expect(answer.rows.length).toBeGreaterThan(20);
    expect(answer.left_off).toContain('at most 5 MB');
  });

  test('rows that grow suddenly are left off, and their columns keep their types', async () => {
    const answer = await rowsOf(
      "select i, repeat('x', case when i < 100 then 1 else 1000000 end) from generate_series(1, 600) as i",
      { seconds: MAX_STATEMENT_SECONDS },
    );
    expect(answer.rows.length).toBeGreaterThan(0);
    expect(answer.columns.map(({ type }) => type)).toEqual(['integer', 'text']);
    expect(answer.left_off).toContain('at most 5 MB');
  });

  test.each([6_000_000, 100_000_000])('a row of %d bytes is an error, and not read into memory', async (length) => {
    expect((await errorOf(`select repeat('x', ${length})`)).message).toContain('larger than an answer may be');
  });

  test.each([
    'select pg_sleep(60)',
    "select set_config('statement_timeout', '0', true), pg_sleep(60)",
    "select set_config('statement_timeout', '0', false), pg_sleep(0.4) from generate_series(1, 1000)",
    'explain analyze select pg_sleep(60)',
    'with recursive more as (select 1 as n union all select n + 1 from more) select count(*) from more',
  ])('%s is stopped in time', async (statement) => {
    expect(await errorOf(statement, { seconds: 1 })).toMatchObject({
      message: 'The statement took longer than 1 seconds and was stopped.',
    });
  });

  test('no lock, no setting and no session is left behind', async () => {
    await rowsOf("select pg_advisory_lock(7), set_config('app.tenant_id', 'acme', false)");
    await expect
      .poll(() => db.rows("select from pg_stat_activity where usename like '%sql' and datname = current_database()"))
      .toEqual([]);
    expect(await db.rows("select from pg_locks where locktype = 'advisory' and objid = 7")).toEqual([]);
    expect((await rowsOf("select current_setting('app.tenant_id', true)")).rows).toEqual([[null]]);
  });
});

/** Statements that would change or reveal something, if anything let them. */
const HOSTILE = [
  'with gone as (delete from analytics.invocations returning *) select * from gone',
  'with more as (insert into analytics.rejects values (default) returning *) select * from more',
  'select * into analytics.mine from analytics.invocations',
  'explain analyze delete from analytics.invocations',
  'explain analyze create table analytics.mine as select 1',
  'explain (analyze) refresh materialized view analytics.tool_error_rate_24h',
  'select 1; commit; delete from analytics.invocations',
  'select 1 for update; drop schema analytics',
  'select * from analytics.invocations for update',
  'select analytics.refresh_all_views()',
  "select rollup.bind_tenant('zenith')",
  'select analytics.make_days(current_date, current_date + 100)',
  'select analytics.next_batch_id()',
  "select nextval('analytics.batch_ids')",
  "select setval('analytics.batch_ids', 1)",
  "select query_to_xml('delete from analytics.invocations returning 1', true, true, '')",
  "select query_to_xml('commit', true, true, '')",
  "select cursor_to_xml('answer', 1, true, true, '')",
  "select set_config('transaction_read_only', 'off', true), query_to_xml('delete from analytics.rejects returning 1', true, true, '')",
  "select set_config('role', 'toolwatch_owner', true)",
  "select set_config('session_authorization', 'toolwatch_owner', true)",
  "select pg_read_file('/etc/passwd')",
  "select pg_ls_dir('.')",
  'select lo_create(0)',
  "select lo_from_bytea(0, 'x')",
  "select lo_export(1, '/tmp/x')",
  'select pg_reload_conf()',
  "select pg_notify('x', 'y')",
  "select dblink('dbname=postgres', 'delete from analytics.invocations')",
  "copy (select 1) to program 'id'",
  'copy analytics.invocations from stdin',
  'create temp table mine (a int)',
  'do $$ begin delete from analytics.rejects; end $$',
  'set role toolwatch_owner',
  'begin',
  'rollback',
  '/* /* */ explain */ commit',
  '/* /* */ show */ delete from analytics.rejects',
  'explain; commit',
  'listen x',
  'prepare p as delete from analytics.rejects',
  'execute p',
  'call pg_catalog.pg_stat_reset()',
  'select pg_stat_reset()',
  'alter role toolwatch_operator_sql set search_path = public',
  'lock table analytics.invocations',
  'vacuum',
];

/** Statements of all shapes: hostile ones, wrapped in what might hide them, and any text. */
const anyStatement = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          '',
          '/* a */ ',
          '-- a\n',
          '-- a\r',
          'explain ',
          'explain analyze ',
          'show all; ',
          '(',
          'select 1; ',
          'select 1 union ',
          '\ufeff',
          '\u00a0',
          '/* /* */',
        ),
        fc.constantFrom(...HOSTILE),
        fc.constantFrom('', ';', ';;', ' -- a', ' */', ')', '; commit', ' limit 1'),
      )
      .map((parts) => parts.join('')),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }).map((text) => `select ${text}`) },
);

describe('nothing is ever changed', () => {
  test.each(HOSTILE)('%s', async (statement) => {
    const before = await fingerprint();
    sqlAnswer.parse(await ask(statement));
    sqlAnswer.parse(await ask(statement, { tenant: 'acme' }));
    expect(await fingerprint()).toEqual(before);
  });

  test('by any statement, which is answered by rows or by a sentence', async () => {
    const before = await fingerprint();
    await fc.assert(
      fc.asyncProperty(anyStatement, fc.option(fc.constant('acme'), { nil: undefined }), async (statement, tenant) => {
        const answer = sqlAnswer.parse(await ask(statement, { ...(tenant && { tenant }), rows: 10, seconds: 2 }));
        if ('error' in answer) expect(answer.error.message).not.toBe('');
        else expect(answer.rows.length).toBeLessThanOrEqual(10);
        if (tenant)
          expect(JSON.stringify('error' in answer ? answer.error.detail : answer.rows) ?? '').not.toMatch(OF_ZENITH);
      }),
      { numRuns: 150 },
    );
    expect(await fingerprint()).toEqual(before);
  });
});

describe('the scope of one tenant', () => {
  test('is that tenant in everything that it may read', async () => {
    const relations = await db.rows<{ name: string }>(`
      select oid::regclass::text as name from pg_class
      where relnamespace in ('analytics'::regnamespace, 'rollup'::regnamespace) and relkind in ('r', 'p', 'v', 'm')
        and has_table_privilege('toolwatch_tenant_sql', oid, 'select') order by 1`);
    const shownTo = async (name: string, tenant: string) =>
      JSON.stringify((await rowsOf(`select * from ${name}`, { tenant })).rows);
    let withOwn = 0;
    for (const { name } of relations) {
      // Bound to itself, it reads its own name.
      if (name === 'rollup.bound_tenants') continue;
      expect(await shownTo(name, 'acme'), name).not.toMatch(OF_ZENITH);
      const ofZenith = await shownTo(name, 'zenith');
      expect(ofZenith, name).not.toMatch(/acme|search/);
      if (OF_ZENITH.test(ofZenith)) withOwn += 1;
    }
    expect(relations.length).toBeGreaterThan(20);
    expect(withOwn).toBeGreaterThan(15);
  });

  const COUNT = "(select count(*) from analytics.invocations where tenant_id = 'zenith')";
  const SEEN = "(select count(*) from analytics.tool_health_summary where tool_name = 'secret_tool')";
  test.each([
    ['sets the setting', `select analytics.read_as('zenith'), ${COUNT}, ${SEEN}`],
    ['sets it for all', `select set_config('app.tenant_id', '*', false), ${COUNT}, ${SEEN}`],
    [
      'sets it first',
      `with first as materialized (select set_config('app.tenant_id', 'zenith', true)) select (select count(*) from first), ${COUNT}, ${SEEN}`,
    ],
    [
      'sets it in another statement',
      `select analytics.read_as('zenith'), query_to_xml('select ${COUNT.replaceAll("'", "''")} as n', true, true, '')::text like '%<n>0</n>%', ${SEEN}`,
    ],
    ['takes the role of the reader', `select set_config('role', 'toolwatch_reader', true), ${COUNT}, ${SEEN}`],
    ['takes the role of the operator', `select set_config('role', 'toolwatch_operator', true), ${COUNT}, ${SEEN}`],
  ])('stays when a statement %s', async (_, statement) => {
    const answer = await ask(statement, { tenant: 'acme' });
    if ('error' in answer) expect(answer.error.message).toMatch(/permission denied to set role|read-only/);
    else expect(answer.rows[0]?.slice(1)).toEqual([expect.stringMatching(/^(0|t)$/), '0']);
    // The same question finds them as the operator.
    expect((await rowsOf(`select ${COUNT}`)).rows[0]?.[0]).not.toBe('0');
  });

  test('cannot be bound again, and an unknown tenant sees nothing', async () => {
    expect((await errorOf("select rollup.bind_tenant('zenith')", { tenant: 'acme' })).message).toMatch(/read-only/);
    expect((await rowsOf('select * from analytics.invocations', { tenant: "nobody'; --" })).rows).toEqual([]);
    expect((await rowsOf('select * from rollup.bound_tenants', { tenant: 'acme' })).rows).toHaveLength(1);
    expect(await db.rows('select * from rollup.bound_tenants')).toEqual([]);
  });

  test('gives nothing away in errors, plans or statistics', async () => {
    const conversion = await ask("select tenant_id::int from analytics.invocations where name = 'secret_tool'", {
      tenant: 'acme',
    });
    expect(conversion).toMatchObject({ rows: [] });
    expect((await errorOf('explain select * from invocations', { tenant: 'acme' })).message).toContain(
      'EXPLAIN is not run',
    );
    const { rows } = await rowsOf('select tablename, attname, most_common_vals::text from pg_stats', {
      tenant: 'acme',
    });
    expect(JSON.stringify(rows)).not.toMatch(OF_ZENITH);
  });
});

describe('the scope of the operator', () => {
  test('is all tenants, in every view', async () => {
    for (const view of await readableViews(db)) expect(await ask(`select * from ${view}`), view).toHaveProperty('rows');
    const { rows } = await rowsOf('select distinct tenant_id from invocations order by 1');
    expect(rows).toEqual([['acme'], ['zenith']]);
  });

  const FOLDER = join(import.meta.dirname, 'seeds');
  const REFRESHES = ['refresh-all-views.sql', 'refresh-monitoring-views.sql'];
  test.each(readdirSync(FOLDER))('%s runs as it is written', async (file) => {
    const statement = readFileSync(join(FOLDER, file), 'utf8');
    if (REFRESHES.includes(file)) {
      expect(await errorOf(statement)).toMatchObject({
        message: expect.stringContaining('permission denied for function refresh_'),
        hint: expect.stringContaining('The views are refreshed on a schedule'),
      });
      return;
    }
    const { rows } = await db.as('operator').run((client) => client.query({ text: statement, rowMode: 'array' }));
    const answer = await rowsOf(statement);
    expect(answer.rows).toHaveLength(rows.length);
  });
});
