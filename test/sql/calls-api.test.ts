import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANSWER_LIMIT_BYTES, measureEmbedded } from '../../lambdas/contract/answer-size.ts';
import { type CallsReport, callReport, callsReport, MAX_CALLS } from '../../lambdas/contract/api/calls.ts';
import { sessionReport, sessionsReport } from '../../lambdas/contract/api/sessions.ts';
import { toolDetail } from '../../lambdas/contract/api/tools.ts';
import { errorGroupsReport } from '../../lambdas/contract/error-groups.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { ERROR_MESSAGE_LIMIT_BYTES } from '../../lambdas/contract/limits.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { migrate } from '../../lambdas/migrate/migrate.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const HOUR_MS = 3_600_000;
const db = await testDatabase();
const api = await serveApi(db.as('reader'), [], undefined, undefined, {
  callLog: { cloudWatch: 'https://console.example/cloudwatch/home?region=eu-central-1#', callLog: '/calls' },
});
afterAll(api.close);

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();
const as = (tenant?: string) => (tenant === undefined ? undefined : { headers: { 'x-tenant-id': tenant } });
const get = async (path: string, tenant?: string) => {
  const response = await api.get(path, as(tenant));
  return { status: response.status, body: await response.json() };
};
const listCalls = async (query: string, tenant?: string): Promise<CallsReport> => {
  const { status, body } = await get(`/v1/calls?${query}`, tenant);
  expect(status, JSON.stringify(body)).toBe(200);
  return callsReport.parse(body);
};
const idsOf = async (query: string, tenant?: string) =>
  (await listCalls(query, tenant)).calls.map(({ event_id }) => event_id);

/** A call like no other, in every way by which calls are filtered. */
const SPECIAL: Partial<Invocation> = {
  started_at: ago(20 * 60_000),
  name: 'special_tool',
  tenant_id: 'acme',
  success: false,
  error_code: 'TIMEOUT',
  error_type: 'SlowError',
  error_message: 'it took too long',
  error_fingerprint: 'f-special',
  fault: 'ours',
  duration_ms: 9_000,
  provider: 'warehouse',
  domain: 'warehouse.example',
  user_id: 'u-special',
  session_id: 's-special',
  client_name: 'special-client',
  client_version: '2',
  version: 'v-special',
  correlation_id: 'c-special',
};
const special = anInvocation(SPECIAL);
const child = anInvocation({
  started_at: ago(20 * 60_000 - 1_000),
  kind: 'dependency',
  name: 'warehouse',
  tenant_id: 'acme',
  correlation_id: 'c-special',
  parent_id: special.event_id,
});
const replay = anInvocation({
  started_at: ago(60_000),
  name: 'special_tool',
  tenant_id: 'acme',
  correlation_id: 'c-replay',
  replay_of: special.event_id,
  metadata: {
    dependencies: { warehouse: { calls: 2, failed: 1, ms: 120 }, bank: { calls: 1, failed: 0, ms: 300 }, odd: 'x' },
  },
});
const many = Array.from({ length: 130 }, (_, at) =>
  anInvocation({
    // Several calls of one millisecond, so that pages end among equal times.
    started_at: ago(10 * 60_000 + Math.floor(at / 4)),
    tenant_id: at % 2 ? 'acme' : 'globex',
    session_id: `s-${at % 3}`,
    user_id: `u-${at % 3}`,
    client_name: 'claude-ai',
    correlation_id: `c-${at}`,
  }),
);

beforeAll(async () => {
  await db.as('owner').run((client) => migrate(client, { deployment: { version: 'v1', environment: 'test' } }));
  await store(db.as('writer'), [special, child, replay, ...many]);
  await refresh(db.as('refresher'));
});

describe('calls are listed', () => {
  test.each([
    ['tool=special_tool&success=false', 1],
    ['name=special_tool', 2],
    ['kind=dependency', 1],
    ['success=false', 1],
    ['error_code=TIMEOUT', 1],
    ['error_type=SlowError', 1],
    ['fault=ours', 1],
    ['provider=warehouse', 1],
    ['domain=warehouse.example', 1],
    ['user_id=u-special', 1],
    ['session_id=s-special', 1],
    ['client_name=special-client', 1],
    ['version=v-special', 1],
    ['correlation_id=c-special', 2],
    ['min_ms=8999', 1],
    ['tenant_id=acme&minutes=5', 1],
    ['tool=special_tool&kind=job', 0],
    ['tool=special_tool&minutes=5', 1],
    [`from=${ago(25 * 60_000)}&to=${ago(15 * 60_000)}`, 1],
    [`from=${ago(25 * 60_000)}&to=${ago(15 * 60_000)}&kind=all`, 2],
    ['user_id=nobody', 0],
  ])('by %s', async (query, calls) => {
    expect(await idsOf(query)).toHaveLength(calls);
  });

  test('in pages, of which no two have a call in common and none leaves one out', async () => {
    const seen: string[] = [];
    const pages: number[] = [];
    for (let after = ''; ; ) {
      const { calls, next } = await listCalls(`tool=order_status&limit=33${after && `&after=${after}`}`);
      seen.push(...calls.map(({ event_id }) => event_id));
      pages.push(calls.length);
      if (next === null) break;
      after = next;
    }
    expect(pages).toEqual([33, 33, 33, 31]);
    const expected = many.toSorted(
      (one, other) => other.started_at.localeCompare(one.started_at) || other.event_id.localeCompare(one.event_id),
    );
    expect(seen).toEqual(expected.map(({ event_id }) => event_id));
  });

  test('in long pages, none of which is longer than Lambda takes', async () => {
    // Each quote takes four bytes in an answer, whether as JSON or as CSV.
    const long = Array.from({ length: 2_000 }, () =>
      anInvocation({ name: 'long_words', success: false, error_message: '"'.repeat(ERROR_MESSAGE_LIMIT_BYTES) }),
    );
    await store(db.as('writer'), long);
    const seen: string[] = [];
    const pages: string[] = [];
    for (let after = ''; ; ) {
      const query = `name=long_words&limit=${MAX_CALLS}${after && `&after=${after}`}`;
      for (const format of ['json', 'csv'])
        pages.push(await (await api.get(`/v1/calls?${query}&format=${format}`)).text());
      const { calls, next } = callsReport.parse(JSON.parse(pages.at(-2) ?? ''));
      seen.push(...calls.map(({ event_id }) => event_id));
      if (next === null) break;
      after = next;
    }
    expect(pages).toHaveLength(4);
    for (const page of pages) expect(measureEmbedded(page)).toBeLessThan(ANSWER_LIMIT_BYTES);
    expect(seen.toSorted()).toEqual(long.map(({ event_id }) => event_id).toSorted());
  });

  test('of a group of failures, which each failure names', async () => {
    const { groups } = errorGroupsReport.parse((await get('/v1/error-groups?tool=special_tool')).body);
    const group = groups[0]?.group_id ?? '';
    expect((await listCalls(`group_id=${group}`)).calls).toMatchObject([
      { event_id: special.event_id, group_id: group },
    ]);
    expect(await idsOf(`group_id=${group}&tool=order_status`)).toEqual([]);
    expect(await idsOf('group_id=0123456789abcdef')).toEqual([]);
  });

  test('to a tenant its own, also when it asks for another’s; and without the words of our own errors', async () => {
    expect(await idsOf('tool=special_tool', 'acme')).toHaveLength(2);
    expect(await idsOf('tool=special_tool', 'globex')).toEqual([]);
    expect(await idsOf('tenant_id=acme', 'globex')).toEqual([]);
    expect((await listCalls('fault=ours', 'acme')).calls).toMatchObject([{ error_message: null }]);
    expect((await listCalls('fault=ours')).calls).toMatchObject([{ error_message: 'it took too long' }]);
  });
});

describe('one call is whole', () => {
  test('with its thread, its children, what repeats it and its line in the log', async () => {
    const report = callReport.parse((await get(`/v1/calls/${special.event_id.toUpperCase()}`)).body);
    const { schema, ...stored } = special;
    expect(report.call).toMatchObject(stored);
    expect(report.thread.map(({ event_id }) => event_id)).toEqual([special.event_id, child.event_id]);
    expect(report.children).toMatchObject([{ event_id: child.event_id }]);
    expect(report.replays).toMatchObject([{ event_id: replay.event_id }]);
    expect(report.log_url).toContain(`https://console.example/cloudwatch/home?region=eu-central-1#logsV2`);
    expect(report.log_url).toContain(special.event_id);
  });

  test('with the call that made it, the one that it repeats, and the services that it asked', async () => {
    expect(callReport.parse((await get(`/v1/calls/${child.event_id}`)).body).parent).toMatchObject({
      event_id: special.event_id,
    });
    const report = callReport.parse((await get(`/v1/calls/${replay.event_id}`)).body);
    expect(report.original).toMatchObject({ event_id: special.event_id, name: 'special_tool' });
    expect(report.dependencies).toEqual([
      { name: 'bank', calls: 1, failed: 0, ms: 300 },
      { name: 'warehouse', calls: 2, failed: 1, ms: 120 },
    ]);
  });

  test('for its tenant, without the words of our own errors and the log; and for no other', async () => {
    const own = callReport.parse((await get(`/v1/calls/${special.event_id}`, 'acme')).body);
    expect(own).toMatchObject({ call: { error_message: null }, log_url: null });
    expect((await get(`/v1/calls/${special.event_id}`, 'globex')).status).toBe(404);
  });

  test('also under an id without a time, within a day or at the time that is stated', async () => {
    const [recent, old] = [ago(HOUR_MS), ago(30 * HOUR_MS)].map((started_at, at) =>
      anInvocation({ started_at, event_id: `0b8ba8f2-52aa-4b1c-9a3e-00000000000${at}`, name: 'elsewhere' }),
    ) as [Invocation, Invocation];
    await store(db.as('writer'), [recent, old]);
    expect((await get(`/v1/calls/${recent.event_id}`)).status).toBe(200);
    expect((await get(`/v1/calls/${old.event_id}`)).status).toBe(404);
    expect((await get(`/v1/calls/${old.event_id}?at=${old.started_at}`)).status).toBe(200);
  });
});

test('a call of the day before that another names is found, although its id does not say when it began', async () => {
  const DAY_MS = 24 * HOUR_MS;
  const [original, parent] = [3 * DAY_MS + 20 * HOUR_MS, 3 * DAY_MS].map((age, at) =>
    anInvocation({ started_at: ago(age), event_id: `0b8ba8f2-52aa-4b1c-9a3e-10000000000${at}`, name: 'earlier' }),
  ) as [Invocation, Invocation];
  const call = anInvocation({
    started_at: ago(3 * DAY_MS - HOUR_MS),
    name: 'elsewhere',
    correlation_id: 'c-later',
    parent_id: parent.event_id,
    replay_of: original.event_id,
  });
  await store(db.as('writer'), [original, parent, call]);
  expect(callReport.parse((await get(`/v1/calls/${call.event_id}`)).body)).toMatchObject({
    parent: { event_id: parent.event_id },
    original: { event_id: original.event_id },
  });
});

test('of a request with many calls of one moment the thread has 200, and the call that is asked for', async () => {
  const calls = Array.from({ length: 250 }, () =>
    anInvocation({ started_at: ago(2 * HOUR_MS), correlation_id: 'c-at-once', name: 'elsewhere' }),
  );
  const moment = calls[0]?.started_at ?? '';
  await store(
    db.as('writer'),
    calls.map((call) => ({ ...call, started_at: moment })),
  );
  for (const { event_id } of [calls[0], calls[125], calls[249]] as Invocation[]) {
    const { thread } = callReport.parse((await get(`/v1/calls/${event_id}`)).body);
    expect(thread).toHaveLength(200);
    expect(thread.filter((call) => call.event_id === event_id)).toHaveLength(1);
  }
});

describe('sessions', () => {
  test('are listed with what they called, in pages, to each tenant its own', async () => {
    const { sessions, next } = sessionsReport.parse((await get('/v1/sessions')).body);
    expect(sessions).toHaveLength(7);
    expect(next).toBeNull();
    expect(sessions.find(({ session_id }) => session_id === 's-special')).toMatchObject({
      tenant_id: 'acme',
      calls: 1,
      failures: 1,
      tools: ['special_tool'],
    });
    const seen: string[] = [];
    for (let after = ''; ; ) {
      const page = sessionsReport.parse((await get(`/v1/sessions?limit=2${after && `&after=${after}`}`)).body);
      seen.push(...page.sessions.map(({ tenant_id, session_id }) => `${tenant_id} ${session_id}`));
      if (page.next === null) break;
      after = page.next;
    }
    expect(seen).toEqual(sessions.map(({ tenant_id, session_id }) => `${tenant_id} ${session_id}`));
    expect(sessionsReport.parse((await get('/v1/sessions', 'globex')).body).sessions).toHaveLength(3);
    expect(sessionsReport.parse((await get('/v1/sessions?user_id=u-special')).body).sessions).toHaveLength(1);
  });

  test('are shown from call to call', async () => {
    const { session, journey } = sessionReport.parse((await get('/v1/sessions/s-1', 'acme')).body);
    const own = many.filter(({ session_id, tenant_id }) => session_id === 's-1' && tenant_id === 'acme');
    expect(session).toMatchObject({ tenant_id: 'acme', calls: own.length, failures: 0, client_name: 'claude-ai' });
    expect(journey.map(({ event_id }) => event_id).sort()).toEqual(own.map(({ event_id }) => event_id).sort());
    expect((await get('/v1/sessions/s-special', 'globex')).status).toBe(404);
  });

  test('of several tenants under one id are never joined: the operator says whose', async () => {
    expect(await get('/v1/sessions/s-1')).toMatchObject({
      status: 409,
      body: {
        detail: 'Several tenants have a session with the id s-1. Write the parameter tenant_id, one of acme, globex.',
      },
    });
    const own = sessionReport.parse((await get('/v1/sessions/s-1', 'globex')).body);
    expect(sessionReport.parse((await get('/v1/sessions/s-1?tenant_id=globex')).body)).toEqual(own);
    expect((await get('/v1/sessions/s-1?tenant_id=globex', 'acme')).status).toBe(404);
    expect((await get('/v1/sessions/s-1?tenant_id=nobody')).status).toBe(404);
  });
});

test('a tool is described by its starts, its callers and its thresholds, to each tenant by its own calls', async () => {
  const detail = toolDetail.parse((await get('/v1/tools/order_status/detail')).body);
  expect(detail).toMatchObject({
    tool: { total_invocations: 130 },
    starts: [{ cold_start: false, calls: 130, failures: 0 }],
    mix: {
      calls: 130,
      is_sample: false,
      clients: [{ name: 'claude-ai', calls: 130, failures: 0 }],
      tenants: [{ calls: 65 }, { calls: 65 }],
    },
    deployments: [{ version: 'v1' }],
  });
  const own = toolDetail.parse((await get('/v1/tools/order_status/detail', 'acme')).body);
  expect(own.mix).toMatchObject({ calls: 65, tenants: [{ name: 'acme' }] });
  expect(own.starts).toMatchObject([{ calls: 65 }]);
  expect((await get('/v1/tools/special_tool/detail', 'globex')).status).toBe(404);
});

test('calls of tools are listed, unless a kind is named, or what is of one kind or of one request', async () => {
  const given = { tenant_id: 'of-kinds', correlation_id: 'c-of-kinds', started_at: ago(60_000) };
  const ofTool = anInvocation(given);
  const request = anInvocation({ ...given, kind: 'http', name: 'GET /v1/tools' });
  const evaluation = anInvocation({ ...given, kind: 'rule', name: 'alert-rule/shop' });
  await store(db.as('writer'), [ofTool, request, evaluation]);
  const all = [ofTool, request, evaluation].map(({ event_id }) => event_id);
  const listed = async (query: string) => (await idsOf(`tenant_id=of-kinds${query}`)).sort();
  expect(await listed('')).toEqual([ofTool.event_id]);
  expect(await listed('&kind=http')).toEqual([request.event_id]);
  expect(await listed('&kind=all')).toEqual(all.toSorted());
  expect(await listed('&name=alert-rule/shop')).toEqual([evaluation.event_id]);
  expect(await listed('&correlation_id=c-of-kinds')).toEqual(all.toSorted());
});
