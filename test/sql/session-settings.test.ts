import { createHash } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { alertRule } from '../../lambdas/contract/alert-rules/rule.ts';
import { ENDPOINTS, type EndpointPath } from '../../lambdas/contract/endpoints.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { migrate } from '../../lambdas/migrate/migrate.ts';
import { refresh } from '../../lambdas/refresh/refresh.ts';
import { aJob, storeJobs } from '../support/a-job.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const startedAt = new Date(Date.now() - 60_000);

/** What decides how PostgreSQL writes and reads values, each as a server, a database or a role may have it set. */
const SETTINGS = {
  DateStyle: 'German, DMY',
  TimeZone: 'Pacific/Auckland',
  IntervalStyle: 'iso_8601',
  extra_float_digits: '-5',
  bytea_output: 'escape',
  standard_conforming_strings: 'off',
};

/** One of the calls below, of a session. */
const CALL = anInvocation({ started_at: startedAt.toISOString(), duration_ms: 0.123456789, session_id: 's-1' });
/** A job, whose id a bulk replay has too. */
const JOB = aJob({ status: 'error', received_at: startedAt.toISOString() });
/** The group of the failures below. */
const GROUP_ID = createHash('sha256')
  .update(['tool', 'order_status', 'f-1', 'UPSTREAM_ERROR', 'dependency'].join('\n'))
  .digest('hex')
  .slice(0, 16);
const PATHS: Partial<Record<EndpointPath, string>> = {
  '/v1/tools': '/v1/tools',
  '/v1/tools/:name': '/v1/tools/order_status',
  '/v1/tools/:name/detail': '/v1/tools/order_status/detail',
  '/v1/tools/:name/trend': '/v1/tools/order_status/trend?hours=168',
  '/v1/trends': '/v1/trends',
  '/v1/failures': '/v1/failures',
  '/v1/calls': '/v1/calls?correlation_id=c-1',
  '/v1/calls/:id': `/v1/calls/${CALL.event_id}`,
  '/v1/sessions': '/v1/sessions',
  '/v1/sessions/:id': '/v1/sessions/s-1',
  '/v1/counts': `/v1/counts?quarters=8&from=${new Date(Date.now() - 3_600_000).toISOString()}`,
  '/v1/deployments': '/v1/deployments',
  '/v1/errors': '/v1/errors',
  '/v1/providers': '/v1/providers',
  '/v1/kpis': '/v1/kpis',
  '/v1/adoption': '/v1/adoption',
  '/v1/costs': '/v1/costs',
  '/v1/alerts': '/v1/alerts',
  '/v1/webhooks': '/v1/webhooks',
  '/v1/webhooks/:id': '/v1/webhooks/orders',
  '/v1/rules': '/v1/rules',
  '/v1/rate-limits': '/v1/rate-limits',
  '/v1/monitoring/metrics': '/v1/monitoring/metrics',
  '/v1/analytics': '/v1/analytics',
  '/v1/incidents': '/v1/incidents',
  '/v1/incidents/:id': '/v1/incidents/i-1',
  '/v1/incidents/facts': `/v1/incidents/facts?${new URLSearchParams({
    ...{ cause: 'tool/order_status', kind: 'tool', names: 'order_status', traffic: 'on' },
    ...{ since: new Date().toISOString(), until: new Date().toISOString() },
  })}`,
  '/v1/error-groups': '/v1/error-groups',
  '/v1/error-groups/:id': `/v1/error-groups/${GROUP_ID}`,
  '/v1/upstream-errors': '/v1/upstream-errors',
  '/v1/alert-rules': '/v1/alert-rules',
  '/v1/alert-rules/:name': '/v1/alert-rules/often',
  '/v1/jobs': '/v1/jobs',
  '/v1/jobs/:id': `/v1/jobs/${JOB.job_id}`,
  '/v1/job-replays/:id': `/v1/job-replays/${JOB.job_id}`,
  '/v1/queues': '/v1/queues',
  '/v1/reports/week': '/v1/reports/week',
  '/v1/store': '/v1/store',
};

/** Ages and times of an answer. */
const CHANGING = ['age_seconds', 'oldest_seconds', 'timestamp', 'since', 'stored_at'];

/** The answers of every path that reads rows; without ages and times of the answer, which differ each time. */
const readAll = async (): Promise<Record<string, unknown>> => {
  const api = await serveApi(db.as('reader'));
  const answers: Record<string, unknown> = {};
  for (const [endpoint, path] of Object.entries(PATHS)) {
    const full = await (await api.get(path)).json();
    const { answer: schema } = ENDPOINTS[endpoint as EndpointPath] as { answer?: { parse(value: unknown): unknown } };
    schema?.parse(full);
    answers[endpoint] = JSON.parse(JSON.stringify(full, (key, value) => (CHANGING.includes(key) ? undefined : value)));
  }
  await api.close();
  return answers;
};

beforeAll(async () => {
  await db.as('owner').run((client) => migrate(client, { deployment: { version: 'v1', environment: 'test' } }));
  await store(db.as('writer'), [
    CALL,
    anInvocation({ started_at: startedAt.toISOString(), success: false, domain: 'shop.example.com' }),
    ...(['webhook', 'rule'] as const).map((kind) =>
      anInvocation({ kind, name: 'orders', started_at: startedAt.toISOString(), success: false }),
    ),
    anInvocation({
      started_at: startedAt.toISOString(),
      metadata: { rate_limit_key: 'orders' },
      measures: { rate_limit_count: 99, rate_limit_max: 100 },
    }),
  ]);
  await db.rows(
    `with made as (
      insert into ops.alert_rules (name, rule, enabled, condition, changed_by) values ('often', $1, true, 'often', 'ann')
      returning name)
    insert into ops.alert_rule_states (name) select name from made`,
    [JSON.stringify(alertRule.parse({ figure: 'calls', comparison: 'above', threshold: 0.5 }))],
  );
  await db.rows(
    `insert into ops.incident_messages
     select gen_random_uuid(), 'i-1', 'tool/order_status', kind, 'warning', 'tools/failing/order_status', '{tools/failing}',
       now() - interval '20 minutes', now() - minutes * interval '1 minute', 'it fails', 10, 3, 2, 30
     from (values ('opened', 20), ('over', 5)) as message (kind, minutes)`,
  );
  await storeJobs(db, JOB);
  await db.rows(
    `insert into ops.job_batches (batch_id, filter, per_minute, jobs, requested_by)
     values ($1, '{"status": "error"}', 60, 0, 'ann')`,
    [JOB.job_id],
  );
  await refresh(db.as('refresher'));
});

test('every path that has a report is read here', () => {
  const withRows = Object.entries(ENDPOINTS).flatMap(([path, endpoint]) =>
    path.startsWith('/v1/') && 'answer' in endpoint ? [path] : [],
  );
  expect(Object.keys(PATHS).sort()).toEqual(withRows.sort());
});

test('answers are the same, however the server, the database or the role writes values', async () => {
  const usual = await readAll();
  expect(usual).toMatchObject({
    '/v1/failures': { failures: [{ started_at: startedAt.toISOString() }] },
    '/v1/deployments': { deployments: [{ version: 'v1' }] },
  });
  for (const [name, value] of Object.entries(SETTINGS))
    await db.rows(`alter role toolwatch_reader in database ${db.name} set ${name} = '${value}'`);
  const odd = await readAll();
  // What a float looks like is all that may differ: fewer digits.
  const withoutDigits = (answers: unknown) =>
    JSON.parse(JSON.stringify(answers, (_, value) => (typeof value === 'number' ? Math.round(value) : value)));
  expect(withoutDigits(odd)).toEqual(withoutDigits(usual));
});
