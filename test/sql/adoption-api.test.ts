import { afterAll, beforeAll, expect, test } from 'vitest';
import { adoptionReport } from '../../lambdas/contract/api/adoption.ts';
import { DAY_MS } from '../../lambdas/contract/durations.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const api = await serveApi(db.as('reader'));
afterAll(api.close);

const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
/** The first moments of the day so many days ago. */
const dayAgo = (days: number) => new Date(TODAY - days * DAY_MS + 1_000).toISOString();
const called = (days: number, name: string, given: Partial<Invocation> = {}) =>
  anInvocation({ name, tenant_id: 'acme', started_at: dayAgo(days), ...given });

beforeAll(async () => {
  await db.rows(
    `insert into analytics.tool_thresholds (name, p95_ms, error_rate, min_calls, min_errors)
     select name, 1000, 0.1, 20, 3 from unnest(array['search', 'buy', 'gift', 'forgotten']) as name`,
  );
  await store(db.as('writer'), [
    called(0, 'search', { user_id: 'ann', session_id: 's-1' }),
    called(0, 'search', { user_id: 'ann', session_id: 's-2' }),
    called(6, 'buy', { user_id: 'bob', session_id: 's-1', tenant_id: 'globex' }),
    called(6, '_OTHER', {
      error_type: 'unknown_tool',
      error_code: 'INVALID_INPUT',
      fault: 'caller',
      session_id: 's-3',
    }),
    called(7, 'search', { user_id: 'eve' }),
    called(8, 'retired'),
    called(20, 'forgotten'),
    called(3, 'nightly', { kind: 'job', user_id: 'robot', session_id: 's-9', tenant_id: 'night' }),
  ]);
  await refresh(db.as('refresher'));
});

const read = async (query = '', tenant?: string) => {
  const response = await api.get(`/v1/adoption${query}`, tenant ? { headers: { 'x-tenant-id': tenant } } : undefined);
  return adoptionReport.parse(await response.json());
};

test('each week has its calls, tools, tenants, users and sessions, and calls of tools that do not exist', async () => {
  const { weeks, refreshed_at } = await read('?weeks=2');
  expect(refreshed_at).not.toBeNull();
  const [start, middle, end] = [13, 6, -1].map((days) => new Date(TODAY - days * DAY_MS).toISOString());
  expect(weeks).toEqual([
    {
      ...{ from: start, until: middle, people_since: start },
      ...{ calls: 2, tools_used: 2, unknown_tool_calls: 0, active_tenants: 1, active_users: 1, sessions: 0 },
    },
    {
      ...{ from: middle, until: end, people_since: middle },
      ...{ calls: 3, tools_used: 2, unknown_tool_calls: 1, active_tenants: 2, active_users: 2, sessions: 4 },
    },
  ]);
});

test('each tool has its first call; those that are deployed and not called are named', async () => {
  const { tools, tool_count, unused_tools } = await read('?weeks=2');
  expect(tools).toEqual([
    {
      ...{ tool_name: 'search', is_deployed: true, calls: 3, weeks_used: 2 },
      ...{ first_called_on: dayAgo(7).slice(0, 10), last_called_at: dayAgo(0) },
    },
    expect.objectContaining({ tool_name: 'buy', calls: 1, weeks_used: 1 }),
    expect.objectContaining({ tool_name: 'retired', is_deployed: false, calls: 1 }),
    {
      ...{ tool_name: 'forgotten', is_deployed: true, calls: 0, weeks_used: 0 },
      ...{ first_called_on: dayAgo(20).slice(0, 10), last_called_at: dayAgo(20) },
    },
    {
      ...{ tool_name: 'gift', is_deployed: true, calls: 0, weeks_used: 0 },
      ...{ first_called_on: null, last_called_at: null },
    },
  ]);
  expect(tool_count).toBe(5);
  expect(unused_tools).toEqual(['forgotten', 'gift']);
  expect((await read('?weeks=3')).unused_tools).toEqual(['gift']);
});

test('what is no number of weeks is refused', async () => {
  expect((await read()).weeks).toHaveLength(4);
  expect((await read('?weeks=12')).weeks).toHaveLength(12);
  for (const weeks of ['0', '13', 'all']) expect((await api.get(`/v1/adoption?weeks=${weeks}`)).status).toBe(400);
});

test('a tenant is shown its own use, its users of one week, and no tool that only another called', async () => {
  const own = await read('?weeks=2', 'acme');
  expect(own.weeks).toMatchObject([
    { calls: 2, active_tenants: 1, active_users: null, sessions: null, people_since: null },
    { calls: 2, active_tenants: 1, active_users: 1, sessions: 3, unknown_tool_calls: 1 },
  ]);
  expect(own.tools).toContainEqual(expect.objectContaining({ tool_name: 'buy', calls: 0, first_called_on: null }));
  const other = await read('?weeks=2', 'globex');
  expect(JSON.stringify(other)).not.toContain('retired');
  expect(other.weeks[1]).toMatchObject({ calls: 1, tools_used: 1, active_tenants: 1, active_users: 1, sessions: 1 });
  const nobody = await read('?weeks=1', 'nobody');
  expect(nobody.weeks).toMatchObject([{ calls: 0, active_tenants: 0, active_users: 0, sessions: 0 }]);
  expect(nobody.unused_tools).toEqual(['buy', 'forgotten', 'gift', 'search']);
});

test('where retention has removed calls, users and sessions are counted since then, or not at all', async () => {
  const droppedBefore = new Date(TODAY - 5 * DAY_MS).toISOString();
  await db.rows('update analytics.horizon set dropped_before = $1', [droppedBefore]);
  expect((await read('?weeks=2')).weeks).toMatchObject([
    { calls: 2, active_users: null, sessions: null, people_since: null },
    { calls: 3, people_since: droppedBefore },
  ]);
});
