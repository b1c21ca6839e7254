import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type IncidentFacts, incidentFactsReport } from '../../lambdas/contract/incident-facts.ts';
import type { Invocation } from '../../lambdas/contract/invocation.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { applyRetention } from '../../lambdas/retention/retention.ts';
import { anEnvelope } from '../support/an-envelope.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';
import { clearStore } from '../support/store-contents.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const db = await testDatabase();
const api = await serveApi(db.as('reader'));
afterAll(api.close);
beforeEach(async () => {
  await clearStore(db);
  await db.rows('truncate ops.incident_messages, analytics.deployments');
});

/** Numbers from 0 to 1 that are the same in each run. */
const createRandom = (seed: number) => {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
};

interface Traffic {
  fromMs: number;
  untilMs: number;
  perMinute: number;
  /** The share of calls that fail at this time. */
  failing(at: number): number;
  more?: Partial<Invocation>;
}

/** Calls at even distances, of which some fail; of five users and three tenants, and one in ten by its caller's fault. */
const generate = ({ fromMs, untilMs, perMinute, failing, more }: Traffic, seed = 1): Invocation[] => {
  const random = createRandom(seed);
  const calls: Invocation[] = [];
  for (let at = fromMs; at < untilMs; at += MINUTE / perMinute) {
    const fails = random() < failing(at);
    const failure = {
      fault: random() < 0.9 ? ('dependency' as const) : ('ours' as const),
      error_code: random() < 0.8 ? ('TIMEOUT' as const) : ('UPSTREAM_ERROR' as const),
    };
    calls.push(
      anInvocation({
        name: 'place_order',
        started_at: new Date(Math.floor(at)).toISOString(),
        user_id: `user-${Math.floor(random() * 40)}`,
        tenant_id: `tenant-${Math.floor(random() * 3)}`,
        provider: 'shop',
        ...(fails
          ? { ...failure, error_message: `${failure.error_code} of the shop`, error_fingerprint: failure.error_code }
          : random() < 0.1 && { fault: 'caller' as const, error_code: 'INVALID_INPUT' as const }),
        ...more,
      }),
    );
  }
  return calls;
};

const ask = async (more: Record<string, string | number>): Promise<IncidentFacts> => {
  const query = new URLSearchParams({
    cause: 'tool/place_order',
    kind: 'tool',
    names: 'place_order',
    ...Object.fromEntries(Object.entries(more).map(([name, value]) => [name, String(value)])),
  });
  const response = await api.get(`/v1/incidents/facts?${query}`);
  const body = await response.json();
  expect(response.status, JSON.stringify(body)).toBe(200);
  return incidentFactsReport.parse(body);
};
const iso = (at: number) => new Date(at).toISOString();

/** What the answer must be, from the calls themselves. */
const expected = (calls: readonly Invocation[], beganAt: string, until: number) => {
  const counted = calls.filter(
    ({ started_at, fault, name }) =>
      name === 'place_order' && started_at >= beganAt && Date.parse(started_at) <= until && fault !== 'caller',
  );
  const bad = counted.filter(({ success }) => !success);
  const countBy = (key: 'fault' | 'error_code') => {
    const values = [...new Set(bad.map((call) => call[key]))];
    const counts = values.map((value) => ({ [key]: value, calls: bad.filter((call) => call[key] === value).length }));
    return counts.sort((a, b) => b.calls - a.calls);
  };
  return {
    calls: counted.length,
    bad_calls: bad.length,
    users: new Set(bad.map(({ user_id }) => user_id)).size,
    tenants: new Set(bad.map(({ tenant_id }) => tenant_id)).size,
    tenant: null,
    faults: countBy('fault'),
    codes: countBy('error_code'),
    is_sample: false,
  };
};

describe('the calls of an incident', () => {
  const now = Date.now();
  const minuteOf = (at: number) => Math.floor(at / MINUTE) * MINUTE;

  test.each([
    ['of minutes, as calls that are not counted yet', 12 * MINUTE, false],
    ['of minutes, counted by then', 12 * MINUTE, true],
    ['of hours, mostly from cells', 5 * HOUR, true],
  ])('%s, are the stored calls since they began to fail', async (_, lasts, isRefreshed) => {
    const beganAt = minuteOf(now - lasts) + 7_000;
    const calls = generate({
      fromMs: beganAt - HOUR,
      untilMs: now,
      perMinute: 30,
      failing: (at) => (at >= beganAt ? 0.4 : 0.01),
    });
    const others = generate({
      fromMs: beganAt,
      untilMs: now,
      perMinute: 2,
      failing: () => 1,
      more: { name: 'search' },
    });
    await store(db.as('writer'), [...calls, ...others]);
    if (isRefreshed) await refresh(db.as('refresher'));
    const facts = await ask({ since: iso(beganAt + 6 * MINUTE), until: iso(now), minutes: 30 });
    const found = facts.calls?.began_at ?? '';
    expect(Math.abs(Date.parse(found) - beganAt)).toBeLessThan(lasts > HOUR ? 6 * MINUTE : 2 * MINUTE);
    expect(facts.calls).toMatchObject(expected(calls, found, now));
    expect(facts.calls?.peak_pct).toBeGreaterThan(35);
    expect(facts.calls?.provider).toMatchObject({ provider: 'shop' });
    expect(facts.calls?.example).toMatchObject({ error_message: 'TIMEOUT of the shop', error_code: 'TIMEOUT' });
    expect(facts.calls?.as_of).toBeNull();
  });

  test('only by the fault of a provider, over several tools', async () => {
    const beganAt = minuteOf(now - 10 * MINUTE);
    const calls = generate({
      fromMs: beganAt - HOUR,
      untilMs: now,
      perMinute: 20,
      failing: (at) => (at >= beganAt ? 1 : 0),
    });
    await store(db.as('writer'), calls);
    const facts = await ask({
      since: iso(now - 3 * MINUTE),
      until: iso(now),
      fault: 'dependency',
      names: 'a,place_order',
    });
    const bad = calls.filter(({ fault, started_at }) => fault === 'dependency' && started_at >= iso(beganAt));
    expect(facts.calls).toMatchObject({ began_at: iso(beganAt), bad_calls: bad.length });
    expect(facts.calls?.faults).toEqual([{ fault: 'dependency', calls: bad.length }]);
  });

  test.each([
    ['one tenant, which is named', ['acme'], { tenants: 1, tenant: 'acme' }],
    ['no tenant', ['default'], { tenants: 0, tenant: null }],
    ['one tenant and of none', ['acme', 'default'], { tenants: 1, tenant: null }],
    ['two tenants', ['acme', 'zenith'], { tenants: 2, tenant: null }],
  ])('of %s', async (_, tenants, named) => {
    const beganAt = minuteOf(now - 10 * MINUTE);
    const [others, failed] = [0, 1].map((share) =>
      generate({ fromMs: beganAt, untilMs: now, perMinute: 6, failing: () => share, more: { name: 'refund' } }),
    );
    const ofTenants = failed?.map((call, at) => ({ ...call, tenant_id: tenants[at % tenants.length] ?? '' })) ?? [];
    await store(db.as('writer'), [...(others ?? []), ...ofTenants]);
    const facts = await ask({ since: iso(now - 5 * MINUTE), until: iso(now), names: 'refund' });
    expect(facts.calls).toMatchObject({ ...named, bad_calls: ofTenants.length });
  });

  test('that are slow, with their 95th percentile and the slowest as the example', async () => {
    const beganAt = minuteOf(now - 20 * MINUTE);
    const calls = generate({ fromMs: beganAt - HOUR, untilMs: now, perMinute: 10, failing: () => 0 }).map(
      (call, at) => {
        const isSlow = call.started_at >= iso(beganAt) && at % 4 === 0;
        return isSlow ? { ...call, duration_ms: 3_000 + at, correlation_id: `slow-${at}` } : call;
      },
    );
    await store(db.as('writer'), calls);
    const facts = await ask({ since: iso(now - 5 * MINUTE), until: iso(now), slow_ms: 2_000 });
    const slow = calls.filter(({ duration_ms }) => duration_ms > 2_000);
    expect(facts.calls?.bad_calls).toBe(slow.length);
    expect(facts.calls?.p95_ms).toBeGreaterThan(3_000);
    expect(facts.calls?.example?.correlation_id).toBe(slow.at(-1)?.correlation_id);
    expect(facts.calls?.codes).toEqual([]);
  });

  test('say since when some wait that should be counted', async () => {
    await store(db.as('writer'), generate({ fromMs: now - 6 * HOUR, untilMs: now, perMinute: 2, failing: () => 0.5 }));
    const facts = await ask({ since: iso(now - 5 * HOUR), until: iso(now) });
    expect(Date.parse(facts.calls?.as_of ?? '')).toBeGreaterThan(now - MINUTE);
  });

  test('of which there are none are none, with the last call of the day and those of a week before', async () => {
    const stopped = now - 2 * HOUR;
    await store(db.as('writer'), [
      ...generate({ fromMs: stopped - HOUR, untilMs: stopped, perMinute: 1, failing: () => 0 }),
      ...generate({ fromMs: now - 168 * HOUR, untilMs: now - 167 * HOUR, perMinute: 5, failing: () => 0 }),
    ]);
    await refresh(db.as('refresher'));
    const since = now - HOUR;
    const facts = await ask({ since: iso(since), until: iso(now), minutes: 1, traffic: 'on', begins: 'stated' });
    expect(facts.calls).toMatchObject({ calls: 0, bad_calls: 0, peak_pct: null, users: 0, example: null });
    expect(Math.abs(Date.parse(facts.calls?.last_call_at ?? '') - stopped)).toBeLessThan(2 * MINUTE);
  });

  test('are refused to a tenant', async () => {
    const query = `cause=a&since=${iso(now)}&until=${iso(now)}`;
    const response = await api.get(`/v1/incidents/facts?${query}`, { headers: { 'x-tenant-id': 'tenant-1' } });
    expect(response.status).toBe(403);
  });
});

describe('the history of a cause', () => {
  const at = Date.now();
  const aLine = (more: object) => ({
    schema: 'toolwatch.incident.v1',
    message_id: crypto.randomUUID(),
    incident_id: 'tool/place_order@1',
    cause: 'tool/place_order',
    kind: 'opened',
    severity: 'critical',
    alarm: 'tool/place_order/failing',
    members: ['tool/place_order/failing'],
    began_at: iso(at - 48 * HOUR),
    notified_at: iso(at - 48 * HOUR),
    title: 'place_order fails',
    ...more,
  });

  test('is stored once a message from the lines of the notifier, and counted by incidents that ended', async () => {
    const lines = [
      aLine({}),
      aLine({ kind: 'over', notified_at: iso(at - 47 * HOUR), calls: 40, bad_calls: 20, users: 3, peak_pct: 61.5 }),
      aLine({ incident_id: 'tool/place_order@2', began_at: iso(at - 5 * HOUR), notified_at: iso(at - 5 * HOUR) }),
      aLine({ incident_id: 'tool/search@1', cause: 'tool/search', kind: 'over' }),
    ];
    const envelope = anEnvelope(lines.map((line) => JSON.stringify(line)));
    expect(await ingest(db.as('writer'), envelope)).toMatchObject({ stored: 0, rejected: 0 });
    await ingest(db.as('writer'), envelope);
    expect(await db.rows('select count(*)::integer as count from ops.incident_messages')).toEqual([{ count: 4 }]);
    await db.rows(
      `insert into analytics.deployments (version, environment, started_at, migrations)
       values ('v2', 'e', $1, '{}'), ('v3', 'e', $2, '{}')`,
      [iso(at - 47.5 * HOUR), iso(at - HOUR)],
    );
    const { history } = await ask({ incident: 'tool/place_order@3', since: iso(at), until: iso(at) });
    expect(history).toEqual({
      seen_before: 1,
      last_began_at: iso(at - 48 * HOUR),
      last_state: 'over',
      last_duration_seconds: 3_600,
      last_version_at_end: 'v2',
      deployed_version: 'v3',
      deployed_at: iso(at - HOUR),
    });
    const [incident] = await db.rows("select * from analytics.v_incidents where incident_id = 'tool/place_order@1'");
    expect(incident).toMatchObject({
      state: 'over',
      messages: 2,
      peak_pct: 61.5,
      bad_calls: 20,
      members: ['tool/place_order/failing'],
      duration_seconds: 3_600,
    });
  });

  test('knows a deployment in the minute in which the calls became bad, and none after it', async () => {
    const began = Math.floor((at - 10 * MINUTE) / MINUTE) * MINUTE;
    await db.rows(
      `insert into analytics.deployments (version, environment, started_at, migrations)
       values ('guilty', 'e', $1, '{}'), ('mended', 'e', $2, '{}')`,
      [iso(began + 20_000), iso(began + 3 * MINUTE)],
    );
    const failing = (time: number) => (time >= began + 30_000 ? 1 : 0);
    await store(db.as('writer'), generate({ fromMs: began - HOUR, untilMs: at, perMinute: 10, failing }));
    const { calls, history } = await ask({ since: iso(began + 5 * MINUTE), until: iso(at) });
    expect([calls?.began_at, history.deployed_version]).toEqual([iso(began), 'guilty']);
  });

  test('is the operator’s alone', async () => {
    await ingest(db.as('writer'), anEnvelope([JSON.stringify(aLine({}))]));
    const seenAs = (scope: string) =>
      db.as('reader').run(async (client) => {
        await client.query('begin');
        await client.query('select analytics.read_as($1)', [scope]);
        const { rows } = await client.query('select incident_id from analytics.v_incidents');
        await client.query('commit');
        return rows.length;
      });
    expect([await seenAs('*'), await seenAs('tenant-1')]).toEqual([1, 0]);
  });

  test('is retained for 400 days', async () => {
    const lines = [aLine({}), aLine({ notified_at: iso(at - 401 * 24 * HOUR) })];
    await ingest(db.as('writer'), anEnvelope(lines.map((line) => JSON.stringify(line))));
    await applyRetention(db.as('retention'), 30);
    expect(await db.rows('select count(*)::integer as count from ops.incident_messages')).toEqual([{ count: 1 }]);
  });

  test('keeps a line that is none as a reject, with its reason', async () => {
    await ingest(db.as('writer'), anEnvelope([JSON.stringify(aLine({ kind: 'solved' }))]));
    expect(await db.rows('select reason from analytics.rejects')).toEqual([
      { reason: expect.stringContaining('kind') },
    ]);
  });
});

test('an incident is known with who acknowledged it last, and with nobody where nobody did', async () => {
  const incident = 'tool/place_order@2026-11-20T10:07:03.120Z';
  await db.rows(
    `insert into ops.audit (audit_id, at, actor, actor_kind, action, target, reason, success)
     values (gen_random_uuid(), '2026-11-20T10:08:00Z', 'bob', 'token', 'incident.acknowledged', $1, null, true),
       (gen_random_uuid(), '2026-11-20T10:09:00Z', 'ann', 'token', 'incident.acknowledged', $1, 'I look.', true),
       (gen_random_uuid(), '2026-11-20T10:10:00Z', 'eve', 'token', 'incident.acknowledged', $1, null, false)`,
    [incident],
  );
  const asked = { since: '2026-11-20T10:07:03.120Z', until: '2026-11-20T10:12:00.000Z', minutes: 30 };
  const { acknowledged } = await ask({ ...asked, incident });
  expect(acknowledged).toEqual({ by: 'ann', at: '2026-11-20T10:09:00.000Z', note: 'I look.' });
  expect(await ask({ ...asked, incident: 'tool/place_order@2026-11-20T10:07:04.000Z' })).toMatchObject({
    acknowledged: null,
  });
});
