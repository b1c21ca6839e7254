import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { asOperator, asTenant } from '../../lambdas/database/as-tenant.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { testDatabase } from '../support/database.ts';
import { clearStore } from '../support/store-contents.ts';

const db = await testDatabase();
const [writer, refresher, reader, retention] = [
  db.as('writer'),
  db.as('refresher'),
  db.as('reader'),
  db.as('retention'),
];
const DAY_MS = 24 * 60 * 60_000;
const MINUTE_MS = 60_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

type Given = Partial<Parameters<typeof anInvocation>[0]>;

const aFailure = (given: Given = {}) =>
  anInvocation({
    name: 'place_order',
    fault: 'ours',
    error_code: 'INTERNAL_ERROR',
    error_type: 'TypeError',
    error_message: 'x is not a function',
    error_fingerprint: 'v3:aaaaaaaaaaaaaaaa',
    ...given,
  });

interface Group {
  group_id: string;
  name: string;
  fingerprint: string;
  state: string;
  calls: number;
  [column: string]: unknown;
}

const readGroups = (tenant?: string, where = 'true'): Promise<Group[]> => {
  const text = `select * from analytics.v_error_groups where ${where} order by name, fingerprint, fault`;
  const read = async (client: { query<Row extends object>(text: string): Promise<{ rows: Row[] }> }) =>
    (await client.query<Group>(text)).rows;
  return tenant === undefined ? asOperator(reader, read) : asTenant(reader, tenant, read);
};

const count = async (...calls: ReturnType<typeof anInvocation>[]): Promise<void> => {
  if (calls.length > 0) await store(writer, calls);
  await refresher.run((client) => client.query('select rollup.roll_up(500)'));
};

const deploy = (version: string, startedAt: string) =>
  db.rows(
    "insert into analytics.deployments (version, environment, started_at, migrations) values ($1, 'e', $2, '{}')",
    [version, startedAt],
  );

const decide = (groupId: string, state: string, given: { version?: string; until?: string; at?: string } = {}) =>
  db.rows(
    `insert into ops.error_group_states (group_id, state, version, muted_until, changed_by, changed_at)
     values ($1, $2, $3, $4, 'ada', $5) on conflict (group_id) do update set
       state = excluded.state, version = excluded.version, muted_until = excluded.muted_until, changed_at = excluded.changed_at`,
    [groupId, state, given.version ?? null, given.until ?? null, given.at ?? ago(0)],
  );

beforeEach(async () => {
  await clearStore(db);
  await db.rows('truncate analytics.deployments');
});

test('failures with one fingerprint and fault are one group, which keeps what the fingerprint was made from', async () => {
  await count(
    aFailure({ started_at: ago(5 * MINUTE_MS), version: '1', user_id: 'anna', tenant_id: 'acme' }),
    aFailure({
      started_at: ago(MINUTE_MS),
      version: '2',
      user_id: 'bob',
      tenant_id: 'zenith',
      trace_id: 'b'.repeat(32),
      correlation_id: 'c-2',
    }),
    aFailure({ started_at: ago(2 * MINUTE_MS), version: '1', user_id: 'anna', tenant_id: 'acme' }),
    aFailure({ fault: 'dependency', provider: 'shop', error_code: 'UPSTREAM_ERROR', error_fingerprint: 'v3:b' }),
    anInvocation({ name: 'place_order' }),
  );
  const [first, second, ...others] = await readGroups();
  expect(others).toEqual([]);
  expect(first).toMatchObject({
    kind: 'tool',
    name: 'place_order',
    error_code: 'INTERNAL_ERROR',
    error_type: 'TypeError',
    error_message: 'x is not a function',
    fault: 'ours',
    state: 'new',
    calls: 3,
    calls_24h: 3,
    users: 2,
    tenants: 2,
    first_version: '1',
    last_version: '2',
    last_trace_id: 'b'.repeat(32),
    last_correlation_id: 'c-2',
  });
  expect(first?.group_id).toMatch(/^[\da-f]{16}$/);
  expect(second).toMatchObject({ fault: 'dependency', provider: 'shop', calls: 1 });
});

test('counting in parts, in any order and anew gives the same groups as counting at once', async () => {
  const calls = fc.array(
    fc.record({
      minutes: fc.integer({ min: 1, max: 300 }),
      fingerprint: fc.constantFrom('v3:a', 'v3:b', 'v3:c', ''),
      tenant_id: fc.constantFrom('acme', 'zenith'),
      fault: fc.constantFrom('ours', 'caller', 'dependency'),
      user: fc.constantFrom('u1', 'u2', undefined),
    }),
    { minLength: 1, maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(calls, fc.integer({ min: 1, max: 29 }), async (given, cut) => {
      const records = given.map(({ minutes, fingerprint, tenant_id, fault, user }) =>
        aFailure({
          started_at: ago(minutes * MINUTE_MS),
          tenant_id,
          fault,
          ...(fingerprint && { error_fingerprint: fingerprint }),
          ...(user && { user_id: user }),
        }),
      );
      const all = 'select * from rollup.error_groups order by group_id';
      await clearStore(db);
      await count(...records);
      const atOnce = await db.rows(all);
      await clearStore(db);
      await count(...records.slice(cut).reverse());
      await count(...records.slice(0, cut));
      expect(await db.rows(all)).toEqual(atOnce);
      await db.rows(
        "select rollup.rebuild(date_trunc('hour', now()) - interval '9 h', date_trunc('hour', now()) + interval '1 h')",
      );
      expect(await db.rows(all)).toEqual(atOnce);
      await db.rows('select rollup.rebuild_totals()');
      expect(await db.rows(all)).toEqual(atOnce);
      expect(await db.rows('select * from rollup.total_differences()')).toEqual([]);
    }),
    { numRuns: 5 },
  );
});

describe('the number of groups is bounded', () => {
  test('a name has a hundred groups at most; other failures of it are counted together', async () => {
    await count(...Array.from({ length: 130 }, (_, index) => aFailure({ error_fingerprint: `v3:${index}` })));
    await count(...Array.from({ length: 50 }, (_, index) => aFailure({ error_fingerprint: `v3:late${index}` })));
    const groups = await readGroups();
    expect(groups).toHaveLength(101);
    expect(groups.find(({ fingerprint }) => fingerprint === '_OTHER')).toMatchObject({
      calls: 80,
      error_message: null,
    });
    const [cells] = await db.rows<{ cells: string }>(
      'select count(distinct fingerprint)::text as cells from rollup.error_hour',
    );
    expect(cells).toEqual({ cells: '101' });
    expect(await db.rows("select * from rollup.differences(now() - interval '2 h', now() + interval '1 h')")).toEqual(
      [],
    );
  });

  test('all names together have ten thousand', async () => {
    const names = Array.from({ length: 10_050 }, (_, index) => aFailure({ kind: 'job', name: `job-${index}` }));
    for (let from = 0; from < names.length; from += 3_000) await store(writer, names.slice(from, from + 3_000));
    await count();
    const [groups] = await db.rows<{ groups: string; calls: string }>(
      'select count(*)::text as groups, sum(calls)::text as calls from rollup.error_groups',
    );
    expect(groups).toEqual({ groups: '10001', calls: '10050' });
    expect(await readGroups(undefined, "name = '_OTHER'")).toMatchObject([{ fingerprint: '_OTHER', calls: 50 }]);
    expect(await db.rows('select * from rollup.total_differences()')).toEqual([]);
  });

  test('what is not seen any more makes room, and its calls stay counted', async () => {
    await count(
      ...Array.from({ length: 100 }, (_, index) =>
        aFailure({ error_fingerprint: `v3:${index}`, started_at: ago((index < 30 ? 9 : 1) * DAY_MS) }),
      ),
      aFailure({ name: 'other_tool', started_at: ago(9 * DAY_MS) }),
      aFailure({ name: 'other_tool', started_at: ago(89 * DAY_MS), error_fingerprint: 'v3:old' }),
    );
    await db.rows(
      "update rollup.error_groups set newest.started_at = now() - interval '91 days' where fingerprint = 'v3:old'",
    );
    const forget = () =>
      retention.run(
        async (client) =>
          (await client.query<{ forgotten: number }>('select rollup.forget_error_groups() as forgotten')).rows[0],
      );
    expect(await forget()).toEqual({ forgotten: 26 });
    expect(await forget()).toEqual({ forgotten: 0 });
    const groups = await readGroups();
    expect(groups.filter(({ name }) => name === 'place_order')).toHaveLength(76);
    expect(groups.filter(({ fingerprint }) => fingerprint === '_OTHER').map(({ calls }) => calls)).toEqual([1, 25]);
    expect(groups.reduce((sum, { calls }) => sum + calls, 0)).toBe(102);
    expect(await db.rows('select * from rollup.total_differences()')).toEqual([]);
  });
});

describe('the state of a group', () => {
  const stateOf = async () => (await readGroups())[0]?.state;

  test('new within a day or since the newest deployment, then ongoing, and resolved by itself after two weeks', async () => {
    await count(aFailure({ started_at: ago(3 * DAY_MS) }), aFailure());
    expect(await stateOf()).toBe('ongoing');
    await deploy('2', ago(4 * DAY_MS));
    expect(await stateOf()).toBe('new');
    await db.rows("update rollup.error_groups set newest.started_at = now() - interval '15 days'");
    expect(await stateOf()).toBe('resolved');
    await count(aFailure());
    expect(await readGroups()).toMatchObject([{ state: 'regressed', regressed_version: '1' }]);
  });

  test('resolved in a version: seen in an older one it stays resolved, in that or a newer one it has regressed', async () => {
    await deploy('1', ago(5 * DAY_MS));
    await deploy('2', ago(2 * DAY_MS));
    await count(aFailure({ started_at: ago(3 * DAY_MS), version: '1' }));
    const [group] = await readGroups();
    await decide(group?.group_id ?? '', 'resolved', { version: '2', at: ago(DAY_MS) });
    await count(aFailure({ started_at: ago(2 * DAY_MS), version: '2' }), aFailure({ version: '1' }));
    expect(await stateOf()).toBe('resolved');
    await count(aFailure({ version: '2' }));
    expect(await readGroups()).toMatchObject([
      { state: 'regressed', regressed_version: '2', resolved_in_version: '2' },
    ]);
    await decide(group?.group_id ?? '', 'resolved', { version: '3' });
    await count(aFailure({ version: '2', started_at: ago(-1_000) }));
    expect(await stateOf()).toBe('resolved');
  });

  test('a version that is rolled back to is as old as it was when it was deployed first', async () => {
    await deploy('1', ago(5 * DAY_MS));
    await deploy('2', ago(2 * DAY_MS));
    await deploy('1', ago(DAY_MS / 2));
    await count(aFailure({ started_at: ago(DAY_MS) }));
    const [group] = await readGroups();
    await decide(group?.group_id ?? '', 'resolved', { version: '2', at: ago(DAY_MS / 2) });
    await count(aFailure({ version: '1' }));
    expect(await stateOf()).toBe('resolved');
  });

  test('muted until a time, whatever happens, and reopened by hand', async () => {
    await count(aFailure({ started_at: ago(3 * DAY_MS) }), aFailure());
    const [group] = await readGroups();
    await decide(group?.group_id ?? '', 'muted', { until: ago(-DAY_MS) });
    expect(await stateOf()).toBe('muted');
    await decide(group?.group_id ?? '', 'muted', { until: ago(1_000) });
    expect(await stateOf()).toBe('ongoing');
    await decide(group?.group_id ?? '', 'resolved');
    expect(await stateOf()).toBe('resolved');
    await decide(group?.group_id ?? '', 'open');
    expect(await stateOf()).toBe('ongoing');
  });
});

test('a tenant sees the groups of its own calls, with its own figures and words', async () => {
  await count(
    aFailure({ tenant_id: 'acme', error_message: 'words of acme', version: '1', started_at: ago(9 * MINUTE_MS) }),
    aFailure({
      tenant_id: 'zenith',
      error_message: 'words of zenith',
      version: '2',
      user_id: 'zoe',
      trace_id: 'f'.repeat(32),
    }),
    aFailure({ tenant_id: 'zenith', error_message: 'words of zenith', version: '2' }),
    aFailure({ tenant_id: 'zenith', name: 'secret_tool', error_fingerprint: 'v3:z', started_at: ago(9 * MINUTE_MS) }),
  );
  const [shared] = await readGroups();
  await db.rows(
    `insert into ops.error_group_states (group_id, state, version, reason, changed_by)
     values ($1, 'resolved', '9', 'because zenith complained', 'ada')`,
    [shared?.group_id],
  );
  const acme = await readGroups('acme');
  expect(acme).toMatchObject([
    { calls: 1, users: 0, tenants: 1, last_version: '1', error_message: 'words of acme', state: 'resolved' },
  ]);
  expect(JSON.stringify(acme)).not.toMatch(/zenith|zoe|secret|ffff|ada/);
  expect(await readGroups('zenith')).toMatchObject([{ calls: 2, users: 1 }, { name: 'secret_tool' }]);
  expect(await readGroups('nobody')).toEqual([]);
  expect(await readGroups()).toMatchObject([{ calls: 3, tenants: 2 }, { calls: 1 }]);
  expect(
    await reader.run(async (client) => (await client.query('select * from analytics.v_error_groups')).rows),
  ).toEqual([]);
});

test('what one outside service does to several tools is one row', async () => {
  const down = { fault: 'dependency', provider: 'shop', error_code: 'UPSTREAM_ERROR', error_type: 'http_503' } as const;
  await count(
    aFailure({ ...down, name: 'place_order', error_fingerprint: 'v3:1' }),
    aFailure({ ...down, name: 'order_status', error_fingerprint: 'v3:2', tenant_id: 'acme' }),
    aFailure({
      ...down,
      name: 'order_status',
      error_fingerprint: 'v3:3',
      error_type: 'timeout',
      error_code: 'TIMEOUT',
    }),
    aFailure({ ...down, name: 'weather', error_fingerprint: 'v3:4', provider: 'weather' }),
    aFailure({ provider: 'shop', error_fingerprint: 'v3:5' }),
  );
  const read =
    'select provider, error_code, error_type, names, first_names, groups, calls, state from analytics.v_upstream_errors order by 1, 2 desc';
  const all = await asOperator(reader, async (client) => (await client.query(read)).rows);
  const row = { provider: 'shop', error_code: 'UPSTREAM_ERROR', error_type: 'http_503', state: 'new' };
  expect(all).toEqual([
    { ...row, names: 2, first_names: ['order_status', 'place_order'], groups: 2, calls: 2 },
    expect.objectContaining({ provider: 'shop', error_code: 'TIMEOUT', names: 1 }),
    expect.objectContaining({ provider: 'weather' }),
  ]);
  expect(await asTenant(reader, 'acme', async (client) => (await client.query(read)).rows)).toEqual([
    { ...row, names: 1, first_names: ['order_status'], groups: 1, calls: 1 },
  ]);
});

test('that an alert rule could not be evaluated is no group of failures, and a run of a rule that failed is', async () => {
  await count(
    aFailure({ kind: 'rule', name: 'alert-rule/broken' }),
    aFailure({ kind: 'rule', name: 'rule_1', error_fingerprint: 'v3:b' }),
  );
  expect(await readGroups()).toMatchObject([{ kind: 'rule', name: 'rule_1' }]);
});

describe('people are notified of what fails in a new way', () => {
  const evaluate = async () => {
    const { verdicts, failures } = await refresh(refresher);
    expect(failures).toEqual([]);
    const found = verdicts?.verdicts.filter(({ condition }) => condition === 'newErrors');
    return found?.map(({ name, verdict }) => `${name} ${verdict}`);
  };
  const HOUR_MS = 60 * MINUTE_MS;
  /** Three calls over ten minutes, the last of them this long ago. */
  const threeFailures = (endedMs: number, given: Given = {}) =>
    [10, 4, 0].map((minutes) => aFailure({ ...given, started_at: ago(endedMs + minutes * MINUTE_MS) }));

  beforeEach(async () => {
    await count(anInvocation({ started_at: ago(20 * DAY_MS) }), aFailure({ name: 'x', started_at: ago(5 * DAY_MS) }));
    await deploy('1', ago(15 * DAY_MS));
    await deploy('2', ago(2 * HOUR_MS));
  });

  test('a group that is first seen after a deployment, three times over five minutes, until it was not seen for an hour', async () => {
    await store(writer, threeFailures(MINUTE_MS));
    expect(await evaluate()).toEqual(['place_order holds']);
    expect(await evaluate()).toEqual(['place_order holds']);
    await db.rows("update rollup.error_groups set newest.started_at = now() - interval '70 minutes'");
    expect(await evaluate()).toEqual([]);
    await store(writer, [anInvocation({ name: 'place_order' })]);
    expect(await evaluate()).toEqual(['place_order over']);
    await store(writer, [aFailure()]);
    await db.rows(
      `update rollup.error_groups set oldest.started_at = now() - interval '1 day',
         reported_at = now() - interval '20 hours', over_at = now() - interval '19 hours'`,
    );
    expect(await evaluate()).toEqual([]);
    await store(writer, threeFailures(0, { error_fingerprint: 'v3:other' }));
    expect(await evaluate()).toEqual(['place_order holds']);
  });

  test.each<[string, () => ReturnType<typeof aFailure>[]]>([
    ['by its caller', () => threeFailures(0, { fault: 'caller', error_code: 'INVALID_INPUT' })],
    ['as the evaluation of an alert rule', () => threeFailures(0, { kind: 'rule', name: 'alert-rule/broken' })],
    ['twice', () => threeFailures(0).slice(1)],
    ['within five minutes', () => threeFailures(0).slice(1).concat(aFailure(), aFailure())],
    ['in a group that was known before', () => [aFailure({ started_at: ago(3 * DAY_MS) }), ...threeFailures(0)]],
    ['in a way that other fingerprints made known', () => threeFailures(0, { error_fingerprint: 'v4:a' })],
  ])('not of what fails %s', async (_, failures) => {
    await store(writer, failures());
    expect(await evaluate()).toEqual([]);
  });

  test('not in the first day of a store, in which everything is new', async () => {
    await db.rows("update rollup.tenants set first_called_at = now() - interval '20 hours'");
    await store(writer, threeFailures(0));
    expect(await evaluate()).toEqual([]);
  });

  test('not of what somebody muted, and over at once when somebody resolves it', async () => {
    await count(...threeFailures(0), ...threeFailures(0, { name: 'other_tool' }));
    const [first, second] = await readGroups(undefined, "name <> 'x'");
    await decide(first?.group_id ?? '', 'muted', { until: ago(-DAY_MS) });
    expect(await evaluate()).toEqual(['place_order holds']);
    await decide(second?.group_id ?? '', 'resolved', { version: '3' });
    expect(await evaluate()).toEqual(['place_order over']);
  });

  test('again when it is seen again after it was resolved', async () => {
    await count(...threeFailures(80 * MINUTE_MS, { version: '1' }));
    const [group] = await readGroups(undefined, "name = 'place_order'");
    await evaluate();
    await decide(group?.group_id ?? '', 'resolved', { version: '2', at: ago(70 * MINUTE_MS) });
    await store(writer, threeFailures(0, { version: '1' }));
    expect(await evaluate()).toEqual(['place_order over']);
    await db.rows(
      "update rollup.error_groups set reported_at = now() - interval '1 hour', over_at = now() - interval '50 minutes'",
    );
    expect(await evaluate()).toEqual([]);
    await store(writer, threeFailures(0, { version: '2' }));
    expect(await evaluate()).toEqual(['place_order holds']);
  });
});
