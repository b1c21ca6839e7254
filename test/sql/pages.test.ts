import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, expect, test, vi } from 'vitest';
import { INCIDENT_SCHEMA, type IncidentLine } from '../../lambdas/contract/incident-line.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { anEnvelope } from '../support/an-envelope.ts';
import { anInvocation, eventIdAt } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';
import { clearStore } from '../support/store-contents.ts';

const MINUTE_MS = 60_000;
const db = await testDatabase();
const [writer, refresher] = [db.as('writer'), db.as('refresher')];
const api = await serveApi(db.as('reader'));
afterAll(api.close);
afterEach(() => vi.useRealTimers());

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

type Page = Record<string, Record<string, unknown>[] | string | null> & { next: string | null };
const read = async (path: string): Promise<Page> => {
  const response = await api.get(path);
  const page = await response.json();
  expect(response.status, JSON.stringify(page)).toBe(200);
  return page;
};

/** The rows of all pages of a list, in their order. */
const readPages = async (path: string, list: string, limit: number): Promise<Record<string, unknown>[]> => {
  const rows: Record<string, unknown>[] = [];
  for (let after = ''; ; ) {
    const page = await read(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${after && `&after=${after}`}`);
    rows.push(...(page[list] as Record<string, unknown>[]));
    if (page.next === null) return rows;
    after = page.next;
  }
};

const clear = async () => {
  await clearStore(db);
  await db.rows('truncate ops.incident_messages');
};
beforeEach(clear);

/** Rows of few moments, so that most pages end among rows of one. */
const drawn = fc.array(
  fc.record({
    moment: fc.integer({ min: 0, max: 2 }),
    session: fc.integer({ min: 0, max: 6 }),
    tenant: fc.constantFrom('acme', 'globex'),
    fingerprint: fc.integer({ min: 0, max: 20 }),
  }),
  { minLength: 1, maxLength: 20 },
);

const LISTS: [path: string, list: string, key: string[]][] = [
  ['/v1/calls', 'calls', ['event_id']],
  ['/v1/sessions', 'sessions', ['tenant_id', 'session_id']],
  ['/v1/error-groups', 'groups', ['group_id']],
  ['/v1/incidents', 'incidents', ['incident_id']],
];

test('the pages of every list leave out nothing and repeat nothing, however many rows are of one moment', async () => {
  await fc.assert(
    fc.asyncProperty(drawn, fc.integer({ min: 2, max: 7 }), async (rows, limit) => {
      await clear();
      const moments = [1, 2, 3].map((minutes) => ago(minutes * MINUTE_MS));
      await store(
        writer,
        rows.map(({ moment, session, tenant, fingerprint }) =>
          anInvocation({
            started_at: moments[moment] ?? '',
            session_id: `s-${session}`,
            tenant_id: tenant,
            fault: 'ours',
            error_code: 'INTERNAL_ERROR',
            error_fingerprint: `f-${fingerprint}`,
          }),
        ),
      );
      await refresher.run((client) => client.query('select rollup.roll_up(500)'));
      const messages = rows.map(
        ({ moment }, at): IncidentLine => ({
          schema: INCIDENT_SCHEMA,
          message_id: eventIdAt(new Date()),
          incident_id: `i-${at}`,
          cause: 'tool/order_status',
          kind: 'opened',
          severity: 'warning',
          alarm: 'tools/failing/order_status',
          members: ['tools/failing/order_status'],
          began_at: moments[moment] ?? '',
          notified_at: moments[moment] ?? '',
          title: 't',
        }),
      );
      await ingest(writer, anEnvelope(messages));
      for (const [path, list, key] of LISTS) {
        const keysOf = (all: Record<string, unknown>[]) => all.map((row) => key.map((part) => row[part]).join(' '));
        const whole = keysOf(await readPages(path, list, 100));
        expect(new Set(whole).size).toBe(whole.length);
        expect(keysOf(await readPages(path, list, limit)), path).toEqual(whole);
      }
      expect(await readPages('/v1/calls', 'calls', limit)).toHaveLength(rows.length);
      expect(await readPages('/v1/incidents', 'incidents', limit)).toHaveLength(rows.length);
    }),
    { numRuns: 5 },
  );
});

test('no call is left out where the newest calls that a page of sessions is made of end among many of one moment', async () => {
  const CALLS = 20_100;
  await db.rows(
    `insert into analytics.invocations (
       started_at, finished_at, batch_id, duration_ms, event_id, attempts, cold_start, success, kind, name, tenant_id,
       service, environment, version, correlation_id, session_id
     )
     select moment, moment, 1, 1, gen_random_uuid(), 1, false, true, 'tool', 't', 'acme', 's', 'e', '1', 'c', 's-' || n % 150
     from generate_series(1, $1::integer) as n
     cross join lateral (select now() - interval '1 hour' - n / 300 * interval '1 millisecond' as moment) as times`,
    [CALLS],
  );
  const sessions = await readPages('/v1/sessions', 'sessions', 100);
  expect(sessions.reduce((sum, { calls }) => sum + Number(calls), 0)).toBe(CALLS);
});

test('a session that has a further call meanwhile is on the page on which it would have been', async () => {
  await store(
    writer,
    [1, 2, 3, 4].map((at) => anInvocation({ session_id: `s-${at}`, started_at: ago(at * MINUTE_MS) })),
  );
  const first = await read('/v1/sessions?limit=2');
  await store(writer, [anInvocation({ session_id: 's-4', started_at: ago(0) })]);
  const second = await read(`/v1/sessions?limit=2&after=${first.next}`);
  expect([first, second].flatMap(({ sessions }) => sessions as object[])).toMatchObject(
    [1, 2, 3, 4].map((at) => ({ session_id: `s-${at}`, calls: 1 })),
  );
});

test.each(['/v1/sessions?limit=1', '/v1/calls?limit=1', '/v1/analytics'])(
  'a second later, %s is what the sender has already, unless there is something new',
  async (path) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS });
    await store(
      writer,
      [1, 2].map((at) => anInvocation({ session_id: `s-${at}`, domain: 'd', started_at: ago(at * MINUTE_MS) })),
    );
    const etag = (await api.get(path)).headers.get('etag') ?? '';
    const askAgain = async () => (await api.get(path, { headers: { 'if-none-match': etag } })).status;
    vi.setSystemTime(Date.now() + 1_000);
    expect(await askAgain()).toBe(304);
    await store(writer, [anInvocation({ session_id: 's-3', domain: 'd', started_at: ago(0) })]);
    expect(await askAgain()).toBe(200);
  },
);

test.each([
  ['/v1/calls', 'calls'],
  ['/v1/sessions', 'sessions'],
])('the pages of %s have what was within the window when the first was read', async (path, list) => {
  await store(
    writer,
    [1, 2, 3].map((at) => anInvocation({ session_id: `s-${at}`, started_at: ago(at * MINUTE_MS) })),
  );
  const first = await read(`${path}?minutes=5&limit=1`);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 10 * MINUTE_MS });
  const second = await read(`${path}?minutes=5&limit=1&after=${first.next}`);
  expect(second[list]).toMatchObject([{ session_id: 's-2' }]);
  expect(second.next).not.toBeNull();
});
