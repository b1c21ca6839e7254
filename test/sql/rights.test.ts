import { beforeAll, describe, expect, test } from 'vitest';
import { asOperator, asTenant } from '../../lambdas/database/as-tenant.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { type Role, testDatabase } from '../support/database.ts';

const db = await testDatabase();
const [writer, reader, refresher] = [db.as('writer'), db.as('reader'), db.as('refresher')];

beforeAll(async () => {
  await store(writer, [
    anInvocation({ tenant_id: 'acme', name: 'search', duration_ms: 10 }),
    anInvocation({ tenant_id: 'acme', name: 'search', fault: 'ours' }),
    anInvocation({
      tenant_id: 'zenith',
      name: 'secret_tool',
      fault: 'ours',
      measures: { revenue: 1 },
      metadata: { dependencies: { secret_tool: { calls: 1, failed: 0, ms: 1 } } },
    }),
    anInvocation({ tenant_id: 'zenith', kind: 'http', name: 'GET /secret_tool' }),
    anInvocation({ tenant_id: 'zenith', kind: 'webhook', name: 'wh_1', fault: 'dependency', provider: 'wh_1' }),
    anInvocation({ tenant_id: 'zenith', kind: 'rule', name: 'rule_1' }),
    anInvocation({ tenant_id: 'zenith', kind: 'sync', name: 'inbound:secret_tool' }),
  ]);
  await db.rows(
    `insert into ops.jobs (job_id, origin, source, tool, tenant_id, received_at, due_at, max_attempts, payload_bytes)
     select gen_random_uuid(), 'hook', source, tool, tenant, now(), now(), 1, 0
     from (values ('acme', 'search'), ('zenith', 'secret_tool')) as named (tenant, tool)
     cross join unnest(array['shop', 'texting', 'broadcast']) as source`,
  );
  await db.rows(
    "insert into analytics.deployments (version, environment, started_at, migrations) values ('1', 'e', now() - interval '3 hours', '{}')",
  );
  await refresh(refresher);
});

const roles: Record<Role, ReturnType<typeof db.as>> = {
  owner: db.as('owner'),
  writer,
  refresher,
  reader,
  editor: db.as('editor'),
  retention: db.as('retention'),
  jobs: db.as('jobs'),
  archive: db.as('archive'),
  operator: db.as('operator'),
  operator_sql: db.as('operator_sql'),
  tenant_sql: db.as('tenant_sql'),
};
/** Runs the statement and rolls it back. Returns 'allowed' or the error message. */
const attempt = (role: Role, text: string): Promise<string> =>
  roles[role].run(async (client) => {
    // Roles that only read do so by default; here it is their rights that must stop them.
    await client.query('begin read write');
    try {
      await client.query(text);
      return 'allowed';
    } catch (error) {
      return error instanceof Error ? error.message : 'failed';
    } finally {
      await client.query('rollback');
    }
  });
const INSERT = `insert into analytics.invocations (started_at, finished_at, batch_id, duration_ms, event_id, attempts,
  cold_start, success, kind, name, tenant_id, service, environment, version, correlation_id)
  values (now(), now(), 1, 1, gen_random_uuid(), 1, false, true, 'tool', 't', 'acme', 's', 'e', 'v', 'c')`;

const PEOPLE = ['operator_sql', 'tenant_sql'] as const;

/** What the API does first for the operator. Whoever is bound to a tenant gains nothing by it. */
const AS_OPERATOR = "select analytics.read_as('*')";

/** Each statement with the roles that may run it: a refusal proves something only if another role is allowed. */
const RIGHTS: [what: string, statement: string, may: Role[]][] = [
  ['adds calls', INSERT, ['writer']],
  ['is asked which days to archive', 'select analytics.days_to_archive(90)', ['owner', 'retention', 'archive']],
  ['archives a day anew', "select analytics.archive_anew('2020-01-01')", ['owner', 'archive']],
  ['says what is archived', "insert into analytics.archived_days values ('2020-01-01', 0, 0, 0, 0, now())", ['owner']],
  ['changes calls', 'update analytics.invocations set success = true', ['owner']],
  ['removes calls', "delete from analytics.invocations where started_at < '2000-01-01'", ['owner']],
  ['reads calls', 'select tenant_id from analytics.invocations', ['owner', 'reader', 'archive', 'operator', ...PEOPLE]],
  [
    'reads keys of calls',
    'select event_id from analytics.invocations',
    ['owner', 'writer', 'reader', 'archive', 'operator', ...PEOPLE],
  ],
  ['truncates calls', 'truncate analytics.invocations_default', ['owner']],
  ['adds a pending batch', 'insert into rollup.pending_batches values (0, 0, now(), now())', ['owner', 'writer']],
  ['removes a pending batch', 'delete from rollup.pending_batches where batch_id = 0', ['owner']],
  ['rolls up', 'select rollup.roll_up(0)', ['owner', 'refresher']],
  ['locks the roll-ups', 'select from rollup.progress for update', ['owner']],
  ['reads which calls are not counted', 'select * from rollup.uncounted_calls', ['owner', 'operator', 'operator_sql']],
  ['puts a call aside', "select rollup.put_aside(now(), gen_random_uuid(), 'no reason')", ['owner']],
  ['asks how many calls were put aside', 'select rollup.report_put_aside()', ['owner', 'refresher']],
  ['evaluates alert rules', "select * from rollup.evaluate_alert_rule('none')", ['owner', 'refresher']],
  [
    'asks how much history there is to try alert rules with',
    `${AS_OPERATOR}; select * from rollup.backtest_span('{"figure":"calls"}', 1)`,
    ['owner', 'reader'],
  ],
  [
    'tries alert rules',
    `${AS_OPERATOR}; select * from rollup.backtest_alert_rule('{"figure":"calls"}', '1 hour', now(), now())`,
    ['owner', 'reader'],
  ],
  [
    'tries alarms of tools',
    `${AS_OPERATOR}; select * from rollup.backtest_tool('search', 1, now())`,
    ['owner', 'reader'],
  ],
  ['reads groups of all tenants', 'select * from rollup.error_groups', ['owner', 'operator', 'operator_sql']],
  [
    'reads groups of failures',
    'select group_id from analytics.v_error_groups',
    ['owner', 'reader', 'operator', ...PEOPLE],
  ],
  [
    'decides about a group of failures',
    "insert into ops.error_group_states (group_id, state, changed_by) values ('g', 'open', 'a')",
    ['owner', 'editor'],
  ],
  [
    'reads why somebody decided about a group',
    'select reason from ops.error_group_states',
    ['owner', 'editor', 'operator', 'operator_sql'],
  ],
  ['forgets groups of failures', 'select rollup.forget_error_groups()', ['owner', 'retention']],
  ['reports what fails in a new way', 'select * from rollup.report_new_errors()', ['owner', 'refresher']],
  ['refreshes', 'select analytics.refresh_all_views()', ['owner', 'refresher', 'operator']],
  ['rebuilds totals', 'select rollup.rebuild_totals()', ['owner', 'operator']],
  ['adds to totals', "select rollup.add_totals('{}')", ['owner']],
  ['reads gauges', 'select * from analytics.metric_gauges', ['owner', 'reader', 'operator', ...PEOPLE]],
  ['rebuilds', "select rollup.rebuild('2026-01-01Z', '2026-01-01Z')", ['owner', 'operator']],
  ['changes thresholds', 'delete from analytics.tool_thresholds', ['owner']],
  [
    'adds a deployment',
    "insert into analytics.deployments (version, environment, migrations) values ('1', 'e', '{}')",
    ['owner'],
  ],
  ['creates days', 'select analytics.make_days(current_date, current_date)', ['owner', 'retention']],
  ['drops days', 'select analytics.drop_oldest_day(1000)', ['owner', 'retention']],
  ['reads rejects', 'select * from analytics.rejects', ['owner', 'writer', 'operator', 'operator_sql']],
  [
    'reads the summaries over all tenants',
    'select * from analytics.tool_error_rate_24h',
    ['owner', 'operator', 'operator_sql'],
  ],
  [
    'reads the health of tools',
    'select * from analytics.tool_health_summary',
    ['owner', 'reader', 'operator', ...PEOPLE],
  ],
  ['reads cells over all tenants', 'select * from rollup.tool_hour', ['owner', 'operator', 'operator_sql']],
  ['reads sizes', 'select * from analytics.v_table_sizes', ['owner', 'retention', 'operator', 'operator_sql']],
  [
    'reads what people were notified of',
    'select title from ops.incident_messages',
    ['owner', 'reader', 'operator', 'operator_sql', 'tenant_sql'],
  ],
  [
    'adds what people were notified of',
    "insert into ops.incident_messages select gen_random_uuid(), 'i', 'c', 'opened', 'warning', 'a', '{}', now(), now(), 't'",
    ['owner', 'writer'],
  ],
  ['changes what people were notified of', "update ops.incident_messages set title = 'x'", ['owner']],
  [
    'reads what people changed',
    'select action from ops.audit',
    ['owner', 'reader', 'operator', 'operator_sql', 'tenant_sql'],
  ],
  [
    'adds what people changed',
    "insert into ops.audit select gen_random_uuid(), now(), 'ann', 'token', 'mute.created', 'm', null, true",
    ['owner', 'writer', 'editor'],
  ],
  ['changes what people changed', "update ops.audit set actor = 'somebody else'", ['owner']],
  ['deletes what people changed', 'delete from ops.audit', ['owner']],
  [
    'reads alert rules',
    'select name from ops.alert_rules',
    ['owner', 'editor', 'reader', 'operator', 'operator_sql', 'tenant_sql'],
  ],
  ['changes alert rules', "update ops.alert_rules set enabled = false where name = 'none'", ['owner', 'editor']],
  [
    'writes what alert rules found',
    "update ops.alert_rule_states set figure = 1 where name = 'none'",
    ['owner', 'editor'],
  ],
  [
    'reads jobs',
    'select job_id from ops.jobs',
    ['owner', 'jobs', 'editor', 'reader', 'retention', 'operator', 'operator_sql', 'tenant_sql'],
  ],
  [
    'reads what jobs are called with',
    'select payload from ops.jobs',
    ['owner', 'jobs', 'editor', 'reader', 'operator', ...PEOPLE],
  ],
  [
    'stores jobs',
    `insert into ops.jobs (job_id, origin, source, tool, tenant_id, received_at, due_at, max_attempts, payload_bytes)
      values (gen_random_uuid(), 'hook', 's', 't', 'acme', now(), now(), 1, 0)`,
    ['owner', 'jobs', 'editor'],
  ],
  ['finishes jobs', "update ops.jobs set status = 'processed', processed_at = now()", ['owner', 'jobs', 'editor']],
  ['deletes jobs', 'delete from ops.jobs', ['owner', 'editor', 'retention']],
  ['pauses a source', "insert into ops.job_pauses values ('source', 's', 'r', 'ann')", ['owner', 'editor']],
  [
    'reads which sources are paused',
    'select name from ops.job_pauses',
    ['owner', 'jobs', 'editor', 'reader', 'operator', 'operator_sql', 'tenant_sql'],
  ],
  ['aborts a bulk replay', "update ops.job_batches set status = 'aborted'", ['owner', 'editor']],
  ['deletes bulk replays', 'delete from ops.job_batches', ['owner', 'editor', 'retention']],
  ['binds its transaction to a tenant', "select rollup.bind_tenant('acme')", ['owner', 'tenant_sql']],
  ['reads which tenant it is bound to', 'select * from rollup.bound_tenants', ['owner', 'tenant_sql']],
  ['creates a table', 'create table analytics.mine ()', ['owner']],
  ['creates a table in public', 'create table public.mine ()', ['owner']],
];

describe('a role may do its own work and nothing else', () => {
  for (const [what, statement, may] of RIGHTS)
    for (const role of Object.keys(roles) as Role[])
      test(`${role} ${may.includes(role) ? '' : 'never '}${what}`, async () => {
        const outcome = await attempt(role, statement);
        if (may.includes(role)) expect(outcome).toBe('allowed');
        else
          expect(outcome).toMatch(
            /permission denied|must be owner|violates row-level security policy|only the operator may read/,
          );
      });
});

test('an update by the owner is permitted but changes no call', async () => {
  const changed = await roles.owner.run((client) => client.query("update analytics.invocations set name = 'other'"));
  expect(changed.rowCount).toBe(0);
});

/** Every relation open to a reader in which tenants have their own rows. */
const TENANT_RELATIONS = [
  'analytics.invocations',
  'analytics.tool_invocations',
  'analytics.recent_failures',
  'analytics.v_error_groups',
  'analytics.v_upstream_errors',
  'analytics.measures_hourly',
  'analytics.webhook_performance',
  'analytics.rule_performance',
  'analytics.v_webhook_health',
  'analytics.webhook_deliveries',
  'analytics.sync_log',
  'analytics.webhook_events',
  'analytics.texting_webhook_events',
  'analytics.broadcast_webhook_events',
  'ops.jobs',
  'analytics.tool_hourly',
  'analytics.tool_daily',
  'analytics.v_week_over_week',
  'analytics.tool_trend_24h',
  'analytics.single_calls',
  'analytics.tool_starts_24h',
  'analytics.recent_calls',
  'analytics.errors_since_deployment',
  'rollup.tenant_hour',
  'rollup.tenants',
  'rollup.error_hour',
  'rollup.tenant_error_groups',
  'rollup.http_hour',
  'rollup.provider_hour',
];

describe('a tenant sees its own rows and no others', () => {
  for (const view of TENANT_RELATIONS)
    test(view, async () => {
      const textOf = (result: { rows: unknown[] }) => JSON.stringify(result.rows);
      const text = `select * from ${view}`;
      const acme = textOf(await asTenant(reader, 'acme', (client) => client.query(text)));
      const zenith = textOf(await asTenant(reader, 'zenith', (client) => client.query(text)));
      expect(acme).not.toMatch(/zenith|secret_tool|wh_1|rule_1/);
      expect(zenith).not.toMatch(/acme|search/);
      expect(zenith).not.toBe('[]');
      expect(textOf(await asOperator(reader, (client) => client.query(text))).length).toBeGreaterThanOrEqual(
        zenith.length,
      );
      expect(await reader.run(async (client) => (await client.query(text)).rows)).toEqual([]);
    });

  test('the health of tools', async () => {
    const health =
      'select tool_name, total_invocations, error_count, p50_ms from analytics.tool_health_summary order by 1';
    const seenBy = (tenant: string) => asTenant(reader, tenant, async (client) => (await client.query(health)).rows);
    expect(await seenBy('acme')).toEqual([{ tool_name: 'search', total_invocations: 2, error_count: 1, p50_ms: 10 }]);
    expect(await seenBy('zenith')).toEqual([
      { tool_name: 'secret_tool', total_invocations: 1, error_count: 1, p50_ms: null },
    ]);
    expect(await seenBy('unknown')).toEqual([]);
    const allTenants = await asOperator(reader, async (client) => (await client.query(health)).rows);
    expect(allTenants.map(({ tool_name }) => tool_name)).toEqual(['search', 'secret_tool']);
    expect(await reader.run(async (client) => (await client.query(health)).rows)).toEqual([]);
  });
});

describe('a role of people reads what the role of its scope reads, and runs nothing that writes', () => {
  const SCOPES = [
    ['operator_sql', 'operator', []],
    ['tenant_sql', 'reader', ['rollup.bound_tenants']],
  ] as const;

  test.each(SCOPES)('%s reads as %s', async (role, same, more) => {
    const readBy = async (name: string) =>
      (
        await db.rows<{ name: string }>(
          `select oid::regclass::text as name from pg_class
           where relnamespace in ('analytics'::regnamespace, 'rollup'::regnamespace)
             and relkind in ('r', 'p', 'v', 'm') and has_table_privilege($1, oid, 'select') order by 1`,
          [`toolwatch_${name}`],
        )
      ).map(({ name: relation }) => relation);
    expect(await readBy(role)).toEqual([...(await readBy(same)), ...more].sort());
  });

  test.each(SCOPES)('%s has no right on any relation but to read it', async (role) => {
    const rights = await db.rows<{ right: string }>(
      `select distinct privilege_type as right from pg_class cross join lateral aclexplode(relacl)
       where grantee = $1::regrole and privilege_type <> 'SELECT'`,
      [`toolwatch_${role}`],
    );
    expect(rights).toEqual([]);
  });

  test.each([
    ['operator_sql', []],
    ['tenant_sql', ['rollup.bind_tenant(text)']],
  ] as const)('%s may run no function of ours that writes, but %j', async (role, may) => {
    const functions = await db.rows<{ name: string }>(
      `select oid::regprocedure::text as name from pg_proc
       where pronamespace in ('analytics'::regnamespace, 'rollup'::regnamespace) and provolatile = 'v' and prosecdef
         and has_function_privilege($1, oid, 'execute')`,
      [`toolwatch_${role}`],
    );
    expect(functions.map(({ name }) => name)).toEqual(may);
  });
});

test('every view open to a reader is a security barrier', async () => {
  const views = await db.rows<{ name: string; options: string[] | null }>(`
    select oid::regclass::text as name, reloptions as options
    from pg_class
    where relkind = 'v' and relnamespace = 'analytics'::regnamespace
      and has_table_privilege('toolwatch_reader', oid, 'select')`);
  expect(views.length).toBeGreaterThan(15);
  expect(views.filter(({ options }) => !options?.includes('security_barrier=true')).map(({ name }) => name)).toEqual(
    [],
  );
});

test('no materialized view is open to a reader, and tables with a tenant_id force row-level security', async () => {
  expect(
    await db.rows(
      `select oid::regclass from pg_class
       where relkind = 'm' and has_table_privilege('toolwatch_reader', oid, 'select')`,
    ),
  ).toEqual([]);
  expect(
    await db.rows(`
      select attrelid::regclass from pg_attribute join pg_class on pg_class.oid = attrelid
      where attname = 'tenant_id' and relkind in ('r', 'p') and not (relrowsecurity and relforcerowsecurity)
        and relnamespace in ('analytics'::regnamespace, 'rollup'::regnamespace)`),
  ).toEqual([]);
});

test('every security-definer function sets its search_path, and none is open to the public', async () => {
  const functions = await db.rows<{ name: string; config: string[] | null; open: boolean; definer: boolean }>(`
    select oid::regprocedure::text as name, proconfig as config, prosecdef as definer,
      has_function_privilege('pg_monitor', oid, 'execute') as open
    from pg_proc where pronamespace in ('analytics'::regnamespace, 'rollup'::regnamespace)`);
  const definers = functions.filter(({ definer }) => definer);
  expect(definers.length).toBeGreaterThan(6);
  expect(definers.filter(({ config }) => !config?.some((entry) => entry.startsWith('search_path=')))).toEqual([]);
  expect(definers.filter(({ open }) => open)).toEqual([]);
});

test('a tenant that is set in one transaction is not set in the next', async () => {
  await asTenant(reader, 'acme', (client) => client.query('select 1'));
  expect(await reader.run(async (client) => (await client.query('select * from analytics.invocations')).rows)).toEqual(
    [],
  );
});

test("'*' and an empty name are refused as tenants", () => {
  expect(() => asTenant(reader, '*', async () => 1)).toThrow(RangeError);
  expect(() => asTenant(reader, '', async () => 1)).toThrow(RangeError);
});
