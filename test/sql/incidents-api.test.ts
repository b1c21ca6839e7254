import { afterAll, beforeAll, expect, test } from 'vitest';
import { incidentReport, incidentsReport } from '../../lambdas/contract/api/incidents.ts';
import { INCIDENT_SCHEMA, type IncidentLine } from '../../lambdas/contract/incident-line.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { migrate } from '../../lambdas/migrate/migrate.ts';
import { anEnvelope } from '../support/an-envelope.ts';
import { anInvocation, eventIdAt } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const db = await testDatabase();
const api = await serveApi(db.as('reader'));
afterAll(api.close);

const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

/** The messages about one incident, each so many minutes ago. */
const tell = (id: string, cause: string, kinds: [IncidentLine['kind'], number][], more: Partial<IncidentLine> = {}) => {
  const beganAt = ago(Math.max(...kinds.map(([, minutes]) => minutes)) * MINUTE_MS);
  return kinds.map(
    ([kind, minutes]): IncidentLine => ({
      schema: INCIDENT_SCHEMA,
      message_id: eventIdAt(new Date()),
      incident_id: id,
      cause,
      kind,
      severity: 'warning',
      alarm: 'tool/order_status/failing',
      members: ['tool/order_status/failing'],
      began_at: beganAt,
      notified_at: ago(minutes * MINUTE_MS),
      title: `${id} ${kind}`,
      ...more,
    }),
  );
};

const lines = [
  ...tell('one', 'tool/order_status', [
    ['opened', 60],
    ['over', 30],
  ]),
  ...tell(
    'two',
    'tool/order_status',
    [
      ['opened', 20],
      ['escalated', 10],
    ],
    { severity: 'critical', bad_calls: 7, calls: 20 },
  ),
  ...tell('three', 'provider/shop', [['opened', 5]], {
    alarm: 'provider/shop/failing',
    members: ['tool/place_order/failing', 'provider/shop/failing'],
  }),
  ...tell(
    'four',
    'pipeline/late',
    [
      ['opened', 90],
      ['quiet', 80],
    ],
    { members: ['pipeline/late'] },
  ),
  ...tell('old', 'tool/order_status', [
    ['opened', (40 * DAY_MS) / MINUTE_MS],
    ['over', (39 * DAY_MS) / MINUTE_MS],
  ]),
];

beforeAll(async () => {
  await db.as('owner').run((client) => migrate(client, { deployment: { version: 'v1', environment: 'test' } }));
  await ingest(db.as('writer'), anEnvelope(lines));
  const [, , first] = lines;
  const attempt = { kind: 'webhook' as const, name: 'slack', correlation_id: first?.message_id ?? '' };
  await store(db.as('writer'), [
    anInvocation({ ...attempt, started_at: ago(20 * MINUTE_MS), fault: 'dependency', error_message: 'answered 500' }),
    anInvocation({ ...attempt, started_at: ago(19 * MINUTE_MS), metadata: { level: 'posted' } }),
    anInvocation({ ...attempt, name: 'other', correlation_id: 'another', started_at: ago(19 * MINUTE_MS) }),
  ]);
  await db.rows(
    `insert into ops.audit (audit_id, at, actor, actor_kind, action, target, reason, success)
     values (gen_random_uuid(), $1, 'ann', 'token', 'mute.created', 'm-1', 'known', true),
       (gen_random_uuid(), $1, 'bob', 'token', 'incident.acknowledged', 'three', 'I look.', true),
       (gen_random_uuid(), $2, 'ann', 'token', 'incident.acknowledged', 'three', null, true),
       (gen_random_uuid(), now(), 'eve', 'token', 'incident.acknowledged', 'three', null, false)`,
    [ago(15 * MINUTE_MS), ago(4 * MINUTE_MS)],
  );
});

const list = async (query = '') => incidentsReport.parse(await (await api.get(`/v1/incidents${query}`)).json());
const idsOf = async (query: string) => (await list(query)).incidents.map(({ incident_id }) => incident_id);

test.each([
  ['', ['three', 'two', 'one', 'four']],
  ['?state=open', ['three', 'two']],
  ['?state=ended', ['one', 'four']],
  ['?state=quiet', ['four']],
  ['?severity=critical', ['two']],
  ['?tool=order_status', ['two', 'one']],
  ['?tool=place_order', ['three']],
  ['?cause=provider/shop', ['three']],
  [`?from=${ago(25 * MINUTE_MS)}`, ['three', 'two']],
  // Those that are open last, however long ago people were notified of them.
  [`?from=${ago(MINUTE_MS)}`, ['three', 'two']],
  [`?to=${ago(25 * MINUTE_MS)}`, ['one', 'four']],
  [`?from=${ago(60 * DAY_MS)}&tool=order_status`, ['two', 'one', 'old']],
])('incidents are listed, the newest first, by %s', async (query, expected) => {
  expect(await idsOf(query)).toEqual(expected);
});

test('incidents are listed in pages', async () => {
  const seen: string[] = [];
  for (let after = ''; ; ) {
    const page = await list(`?limit=1${after && `&after=${after}`}`);
    expect(page.open).toBe(2);
    seen.push(...page.incidents.map(({ incident_id }) => incident_id));
    if (page.next === null) break;
    after = page.next;
  }
  expect(seen).toEqual(['three', 'two', 'one', 'four']);
});

test('one incident says who was notified of what, with what outcome, what changed, and what came before', async () => {
  const report = incidentReport.parse(await (await api.get('/v1/incidents/two')).json());
  expect(report).toMatchObject({
    incident: {
      cause: 'tool/order_status',
      tool: 'order_status',
      state: 'open',
      severity: 'critical',
      title: 'two escalated',
      bad_calls: 7,
    },
    messages: [{ kind: 'opened' }, { kind: 'escalated' }],
    deliveries: [
      { channel: 'slack', outcome: 'refused', error: 'answered 500' },
      { channel: 'slack', outcome: 'posted', error: null },
    ],
    history: { seen_before: 2, last_state: 'over' },
    deployments: [{ version: 'v1' }],
    changes: [{ actor: 'ann', action: 'mute.created' }],
  });
  expect((await api.get('/v1/incidents/none')).status).toBe(404);
});

test('an incident says who acknowledged it last, and of what nobody did nothing', async () => {
  const [three, two] = (await list('?state=open')).incidents;
  expect(three?.acknowledged).toEqual({ by: 'ann', at: expect.stringMatching(/Z$/), note: null });
  expect(two?.acknowledged).toBeNull();
});

test.each([
  // Members are in the order of their names: the first is not the one that it is about.
  ['tool/a', ['tool/a/burning-fast', 'tool/a/failing'], 'tool/a/failing', 'tool/a/failing', 'tool/*/failing'],
  ['tool/b', ['tool/b/trickle'], 'tool/b/trickle', 'tool/b/trickle', 'tools/trickle'],
  ['webhook/c', ['webhook/c/new-errors'], 'webhook/c/new-errors', 'webhook/c/new-errors', 'tools/new-errors'],
  ['provider/d', ['provider/d/down', 'tool/a/failing'], 'provider/d/down', 'provider/d/down', 'provider/*/down'],
  ['alert-rule/e', ['alert-rule/e/critical'], 'alert-rule/e/critical', 'alert-rule/e/critical', 'rules/critical'],
  [
    'pipeline/store-down',
    ['pipeline/ingest-failing', 'tool/a/failing'],
    'tool/a/failing',
    'pipeline/store-down',
    'pipeline/store-down',
  ],
])(
  'an incident about %s is led by the alarm of its last message, and has its heading',
  async (cause, members, alarm, lead, runbook) => {
    const [family = ''] = cause.split('/');
    const before = { members: members.toReversed(), alarm: `${family}/x/slow` };
    const [opened] = tell(`lead-${cause}`, cause, [['opened', 45 * 24 * 60]], before);
    const [ended] = tell(`lead-${cause}`, cause, [['over', 44 * 24 * 60]], { members, alarm });
    await ingest(db.as('writer'), anEnvelope([opened, ended].flatMap((line) => line ?? [])));
    const answer = await api.get(`/v1/incidents/${encodeURIComponent(`lead-${cause}`)}`);
    expect(incidentReport.parse(await answer.json()).incident).toMatchObject({ alarm: lead, runbook });
  },
);

test('incidents are the operator’s: they are about the calls of all tenants', async () => {
  for (const path of ['/v1/incidents', '/v1/incidents/two'])
    expect((await api.get(path, { headers: { 'x-tenant-id': 'acme' } })).status).toBe(403);
});
