import { randomUUID } from 'node:crypto';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { AUDIT_SCHEMA } from '../../lambdas/contract/audit-line.ts';
import { INCIDENT_SCHEMA } from '../../lambdas/contract/incident-line.ts';
import { type WeekReport, weekReport } from '../../lambdas/contract/week-report.ts';
import { ingest } from '../../lambdas/ingest/ingest.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { anEnvelope } from '../support/an-envelope.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';
import { clearStore } from '../support/store-contents.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const TODAY = Math.floor(Date.now() / DAY) * DAY;
const db = await testDatabase();
const api = await serveApi(db.as('reader'));
afterAll(api.close);
beforeEach(async () => {
  await clearStore(db);
  await db.rows('truncate ops.incident_messages, ops.audit, analytics.deployments');
});

const readReport = async (query = ''): Promise<WeekReport> => {
  const response = await api.get(`/v1/reports/week${query}`);
  expect(response.status).toBe(200);
  return weekReport.parse(await response.json());
};

const storeCalls = async (name: string, calls: number, failed: number, daysAgo: number) => {
  const started_at = new Date(TODAY - daysAgo * DAY + 60 * MINUTE).toISOString();
  await store(
    db.as('writer'),
    Array.from({ length: calls }, (_, at) =>
      anInvocation({
        name,
        started_at,
        success: at >= failed,
        ...(at < failed && { fault: 'ours', error_code: 'INTERNAL_ERROR' }),
      }),
    ),
  );
};

const anIncident = (
  cause: string,
  severity: 'critical' | 'warning',
  daysAgo: number,
  minutes: number,
  kind = 'over',
) => {
  const began = TODAY - daysAgo * DAY + 10 * MINUTE;
  const incident_id = `${cause}@${new Date(began).toISOString()}`;
  const line = (of: string, at: number) =>
    JSON.stringify({
      schema: INCIDENT_SCHEMA,
      message_id: randomUUID(),
      incident_id,
      cause,
      kind: of,
      severity,
      alarm: `${cause}/failing`,
      members: [`${cause}/failing`],
      began_at: new Date(began).toISOString(),
      notified_at: new Date(at).toISOString(),
      title: `${cause} fails`,
    });
  return [line('opened', began + MINUTE), line(kind, began + minutes * MINUTE)];
};

test('a week is counted from its roll-ups, incidents, mutes and deployments, and nothing before or after it', async () => {
  await storeCalls('good', 40, 0, 1);
  await storeCalls('bad', 40, 10, 3);
  await storeCalls('rare', 5, 5, 3);
  await storeCalls('bad', 30, 30, 8);
  await storeCalls('bad', 30, 30, 0);
  await refresh(db.as('refresher'));
  await ingest(
    db.as('writer'),
    anEnvelope([
      ...anIncident('tool/bad', 'critical', 3, 5),
      ...anIncident('tool/slow', 'critical', 2, 90),
      ...anIncident('tool/odd', 'warning', 2, 5, 'quiet'),
      ...anIncident('drill/critical', 'critical', 2, 5),
      ...anIncident('tool/bad', 'critical', 9, 5),
      JSON.stringify({
        schema: AUDIT_SCHEMA,
        audit_id: randomUUID(),
        at: new Date(TODAY - DAY).toISOString(),
        actor: 'ann',
        actor_kind: 'token',
        action: 'mute.ended',
        target: 'a1',
        success: true,
        change: { swallowed_total: 3 },
      }),
    ]),
  );
  const report = await readReport();
  expect(report).toMatchObject({
    from: new Date(TODAY - 7 * DAY).toISOString(),
    until: new Date(TODAY).toISOString(),
    pages: 2,
    pages_without_need: 1,
    warnings: 1,
    notifications_muted: 3,
    mutes_made: 0,
    longest: [{ cause: 'tool/slow', needed_nothing: false }, { duration_seconds: expect.any(Number) }, {}],
  });
  expect(report).toMatchObject({ calls: 85, failed: 15, tools: 3 });
  expect(report.worst).toEqual([{ tool: 'bad', calls: 40, failed: 10, failed_pct: 25 }]);
  expect(report.best.map(({ tool }) => tool)).toEqual(['good', 'bad']);
});

test('a store without anything has a report, of an earlier week as well, and a tenant has none', async () => {
  expect(await readReport('?until=2026-01-15T12:00:00Z')).toMatchObject({
    from: '2026-01-08T00:00:00.000Z',
    until: '2026-01-15T00:00:00.000Z',
    calls: 0,
    cost_usd: null,
    worst: [],
    pages: 0,
  });
  expect((await api.get('/v1/reports/week?until=yesterday')).status).toBe(400);
  expect((await api.get('/v1/reports/week', { headers: { 'x-tenant-id': 'acme' } })).status).toBe(403);
});
