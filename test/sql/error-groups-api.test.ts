import fc from 'fast-check';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { errorGroupReport, errorGroupsReport, upstreamErrorsReport } from '../../lambdas/contract/error-groups.ts';
import { incidentFactsReport } from '../../lambdas/contract/incident-facts.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';
import { clearStore } from '../support/store-contents.ts';

const db = await testDatabase();
const [writer, refresher] = [db.as('writer'), db.as('refresher')];
const errors: Error[] = [];
const served = await serveApi(db.as('reader'), errors, undefined, undefined, { editor: db.as('editor') });
afterAll(() => served.close());

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
const aFailure = (given: Parameters<typeof anInvocation>[0] = {}) =>
  anInvocation({
    name: 'place_order',
    fault: 'ours',
    error_code: 'INTERNAL_ERROR',
    error_message: 'our own words',
    error_fingerprint: 'v3:a',
    ...given,
  });
const count = async (...calls: ReturnType<typeof anInvocation>[]): Promise<void> => {
  await store(writer, calls);
  await refresher.run((client) => client.query('select rollup.roll_up(500)'));
};
const send = async (path: string, tenant?: string, body?: unknown) => {
  const response = await served.get(path, {
    method: body === undefined ? 'GET' : 'PUT',
    headers: { ...(tenant && { 'x-tenant-id': tenant }), 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};
const list = async (query = '', tenant?: string) =>
  errorGroupsReport.parse((await send(`/v1/error-groups${query}`, tenant)).body);
const audit = () => db.rows('select action, target, reason, success, error, change from ops.audit order by at');

beforeEach(async () => {
  errors.length = 0;
  await clearStore(db);
  await db.rows('truncate ops.audit, analytics.deployments');
});

test('groups are filtered, and paged without a gap or a repetition', async () => {
  await count(
    ...Array.from({ length: 7 }, (_, index) =>
      aFailure({ error_fingerprint: `v3:${index}`, started_at: ago((index % 3) * MINUTE_MS), version: String(index) }),
    ),
    aFailure({ name: 'order_status', fault: 'dependency', provider: 'shop', error_code: 'UPSTREAM_ERROR' }),
    aFailure({ kind: 'webhook', name: 'orders' }),
  );
  const all = (await list()).groups.map(({ group_id }) => group_id);
  expect(all).toHaveLength(9);
  const paged: string[] = [];
  for (let after = ''; ; ) {
    const { groups, next } = await list(`?limit=2${after && `&after=${after}`}`);
    paged.push(...groups.map(({ group_id }) => group_id));
    if (next === null) break;
    after = next;
  }
  expect(paged).toEqual(all);
  const namesOf = async (query: string) => (await list(query)).groups.map(({ name }) => name);
  expect(await namesOf('?tool=order_status')).toEqual(['order_status']);
  expect(await namesOf('?provider=shop&fault=dependency&state=new')).toEqual(['order_status']);
  expect(await namesOf('?kind=webhook')).toEqual(['orders']);
  expect(await namesOf('?version=5')).toEqual(['place_order']);
  expect(await namesOf('?state=resolved')).toEqual([]);
  expect(await send('/v1/error-groups?after=x')).toMatchObject({ status: 400 });
  expect(await send('/v1/error-groups?state=old')).toMatchObject({ status: 400 });
});

test('one group has its newest calls and its hours; a tenant has those of its own, without our words', async () => {
  await count(
    aFailure({ tenant_id: 'acme', trace_id: 'a'.repeat(32), correlation_id: 'mine' }),
    ...Array.from({ length: 30 }, () => aFailure({ tenant_id: 'zenith', correlation_id: 'theirs' })),
    aFailure({ error_fingerprint: 'v3:other' }),
  );
  const [group] = (await list('', 'acme')).groups;
  expect(group).toMatchObject({ calls: 1, tenants: 1, error_message: null, last_correlation_id: 'mine' });
  const path = `/v1/error-groups/${group?.group_id}`;
  const own = errorGroupReport.parse((await send(path, 'acme')).body);
  expect(own.examples.map(({ correlation_id }) => correlation_id)).toEqual(['mine']);
  expect(own.trend.map(({ calls }) => calls)).toEqual([1]);
  const all = errorGroupReport.parse((await send(path)).body);
  expect(all.group).toMatchObject({ calls: 31, tenants: 2, error_message: 'our own words' });
  expect(all.examples).toHaveLength(20);
  expect(all.trend.reduce((sum, { calls }) => sum + calls, 0)).toBe(31);
  expect(await send(path, 'nobody')).toMatchObject({ status: 404 });
  expect(await send('/v1/error-groups/0123456789abcdef')).toMatchObject({ status: 404 });
  expect(await send('/v1/error-groups/nonsense')).toMatchObject({ status: 400 });
});

test('what one outside service does to several tools is one row', async () => {
  const down = { fault: 'dependency', provider: 'shop', error_code: 'UPSTREAM_ERROR', error_type: 'http_503' } as const;
  await count(
    aFailure({ ...down, tenant_id: 'acme' }),
    aFailure({ ...down, name: 'order_status', tenant_id: 'zenith' }),
  );
  const read = async (tenant?: string) =>
    upstreamErrorsReport.parse((await send('/v1/upstream-errors', tenant)).body).upstream_errors;
  expect(await read()).toMatchObject([{ provider: 'shop', error_type: 'http_503', names: 2, calls: 2 }]);
  expect(await read('acme')).toMatchObject([{ first_names: ['place_order'], calls: 1 }]);
});

test('a group is resolved, muted and opened again by the operator alone, each with its row in the audit', async () => {
  await count(aFailure({ tenant_id: 'acme', started_at: ago(3 * DAY_MS) }));
  await db.rows(
    "insert into analytics.deployments (version, environment, started_at, migrations) values ('7', 'e', now() - interval '1 day', '{}')",
  );
  const [group] = (await list()).groups;
  const path = `/v1/error-groups/${group?.group_id}`;
  const change = async (body: unknown) => (await send(path, undefined, body)).body;
  expect(await change({ state: 'resolved', reason: 'fixed' })).toMatchObject({
    group: { state: 'resolved', resolved_in_version: '7', state_reason: 'fixed', state_changed_by: 'unknown' },
  });
  const until = ago(-DAY_MS);
  expect(await change({ state: 'muted', until, reason: 'known' })).toMatchObject({
    group: { state: 'muted', muted_until: until, resolved_in_version: null },
  });
  expect(await change({ state: 'open' })).toMatchObject({ group: { state: 'ongoing' } });
  expect(await send(path, 'acme', { state: 'open' })).toMatchObject({ status: 403 });
  expect(await send('/v1/error-groups/0123456789abcdef', undefined, { state: 'open' })).toMatchObject({ status: 404 });
  expect(await audit()).toMatchObject([
    { action: 'error_group.resolved', reason: 'fixed', success: true, change: { before: { state: 'open' } } },
    { action: 'error_group.muted', change: { before: { state: 'resolved', version: '7' }, after: { state: 'muted' } } },
    { action: 'error_group.reopened', target: group?.group_id },
    { action: 'error_group.reopened', success: false, error: expect.stringContaining('no group of failures') },
  ]);
  expect(errors).toEqual([]);
});

test.each<[string, object]>([
  ['a mute without an end', { state: 'muted', reason: 'x' }],
  ['a mute without a reason', { state: 'muted', until: ago(-DAY_MS) }],
  ['a mute that is over', { state: 'muted', until: ago(DAY_MS), reason: 'x' }],
  ['a mute of two years', { state: 'muted', until: ago(-730 * DAY_MS), reason: 'x' }],
  ['a version of what is not resolved', { state: 'open', version: '1' }],
  ['an unknown state', { state: 'new' }],
  ['an unknown field', { state: 'open', by: 'me' }],
])('%s is refused with what to write, and changes nothing', async (_, body) => {
  await count(aFailure());
  const [group] = (await list()).groups;
  const answer = await send(`/v1/error-groups/${group?.group_id}`, undefined, body);
  expect(answer).toMatchObject({
    status: 400,
    body: { detail: expect.stringMatching(/^(Unknown f|F)ield /) },
  });
  expect(await db.rows('select from ops.error_group_states')).toEqual([]);
});

test('whatever is sent, the answer is one that the api promises, and no fault of ours', async () => {
  const anything = fc.oneof(
    fc.record(
      {
        state: fc.oneof(fc.constantFrom('resolved', 'muted', 'open'), fc.string()),
        version: fc.oneof(fc.string(), fc.constant('\u0000'), fc.string({ unit: 'binary', maxLength: 600 })),
        until: fc.oneof(fc.date({ noInvalidDate: true }).map(String), fc.double(), fc.constant(ago(-DAY_MS))),
        reason: fc.string({ unit: 'binary' }),
      },
      { requiredKeys: [] },
    ),
    fc.jsonValue(),
  );
  // The first value takes seconds, in which the server would close an idle connection.
  fc.sample(anything, 1);
  await count(aFailure());
  const [group] = (await list()).groups;
  await fc.assert(
    fc.asyncProperty(anything, async (body) => {
      expect([200, 400]).toContain((await send(`/v1/error-groups/${group?.group_id}`, undefined, body ?? null)).status);
    }),
    { numRuns: 60 },
  );
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', minLength: 1 }), async (text) => {
      const query = new URLSearchParams({ tool: text, provider: text, version: text });
      expect([200, 400]).toContain((await send(`/v1/error-groups?${query}`)).status);
      const after = new URLSearchParams({ after: `2026-99-20T10:00:00.000Z_${text}` });
      expect((await send(`/v1/error-groups?${after}`)).status).toBe(400);
    }),
    { numRuns: 30 },
  );
  expect(errors).toEqual([]);
});

test('the facts of an incident say what fails in a new way, since when, and after which deployment', async () => {
  await count(anInvocation({ started_at: ago(20 * DAY_MS) }), aFailure({ name: 'x', started_at: ago(5 * DAY_MS) }));
  await db.rows(
    `insert into analytics.deployments (version, environment, started_at, migrations)
     values ('1', 'e', now() - interval '15 days', '{}'), ('2', 'e', now() - interval '30 minutes', '{}')`,
  );
  await count(
    ...[12, 6, 1].map((minutes) =>
      aFailure({ started_at: ago(minutes * MINUTE_MS), trace_id: 'd'.repeat(32), user_id: 'u', version: '2' }),
    ),
  );
  await refresh(refresher);
  const query = new URLSearchParams({
    ...{ cause: 'tool/place_order', kind: 'tool', names: 'place_order', since: ago(0), until: ago(0) },
  });
  const facts = incidentFactsReport.parse((await send(`/v1/incidents/facts?${query}`)).body);
  expect(facts.new_errors).toMatchObject([
    {
      name: 'place_order',
      error_code: 'INTERNAL_ERROR',
      state: 'new',
      calls: 3,
      users: 1,
      trace_id: 'd'.repeat(32),
      deployed_version: '2',
      groups: 1,
    },
  ]);
});
