import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { jobReport, jobsReport, queuesReport } from '../../lambdas/contract/jobs/reports.ts';
import { healthReport } from '../../lambdas/contract/reports.ts';
import { store } from '../../lambdas/ingest/store.ts';
import { aJob, storeJobs } from '../support/a-job.ts';
import { anInvocation } from '../support/an-invocation.ts';
import { createCheckedRouter, PAGE, serveApi } from '../support/api-rig.ts';
import { testDatabase } from '../support/database.ts';
import { serveLambda } from '../support/lambda-endpoint.ts';
import { clearStore } from '../support/store-contents.ts';
import { runToolwatch } from '../support/toolwatch-command.ts';

const db = await testDatabase();
const errors: Error[] = [];
const editor = db.as('editor');
const served = await serveApi(db.as('reader'), errors, undefined, undefined, { editor, jobAttempts: 5 });
const withoutJobs = await serveApi(db.as('reader'), errors, { TOOLWATCH_TENANTS: 'off' }, undefined, { editor });
afterAll(() => Promise.all([served.close(), withoutJobs.close()]));

const MINUTE_MS = 60_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

interface Sent {
  method?: string;
  body?: unknown;
  tenant?: string;
  api?: typeof served;
}
const send = async (path: string, { method = 'GET', body, tenant, api = served }: Sent = {}) => {
  const response = await api.get(path, {
    method,
    headers: { ...(tenant && { 'x-tenant-id': tenant }), 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
};
const post = (path: string, body?: unknown, tenant?: string) =>
  send(path, { method: 'POST', body, ...(tenant !== undefined && { tenant }) });
const list = async (query = '', tenant?: string) =>
  jobsReport.parse((await send(`/v1/jobs${query}`, tenant === undefined ? {} : { tenant })).body);
const audit = () =>
  db.rows('select action, target, reason, success, error, change from ops.audit order by at, audit_id');
const rows = (columns: string) =>
  db.rows(`select ${columns} from ops.jobs order by attempts desc, direction nulls first, job_id`);

beforeEach(async () => {
  errors.length = 0;
  await clearStore(db);
  await db.rows('truncate ops.audit, ops.jobs, ops.job_batches, ops.job_pauses, analytics.tool_thresholds');
  await db.rows(`insert into analytics.tool_thresholds (name, p95_ms, error_rate, min_calls, min_errors)
    values ('place_order', 1, 0.1, 1, 1), ('order_status', 1, 0.1, 1, 1)`);
});

describe('reading', () => {
  test('jobs are filtered, and paged without a gap or a repetition', async () => {
    const jobs = Array.from({ length: 7 }, (_, index) => aJob({ received_at: ago(Math.floor(index / 2) * MINUTE_MS) }));
    const other = aJob({
      source: 'nightly',
      origin: 'schedule',
      tool: 'order_status',
      status: 'error',
      received_at: ago(9 * MINUTE_MS),
    });
    await storeJobs(db, ...jobs, other);
    const all = (await list()).jobs.map(({ job_id }) => job_id);
    expect(all).toHaveLength(8);
    const paged: string[] = [];
    for (let after = ''; ; ) {
      const page = await list(`?limit=3${after && `&after=${after}`}`);
      paged.push(...page.jobs.map(({ job_id }) => job_id));
      if (page.next === null) break;
      after = page.next;
    }
    expect(paged).toEqual(all);
    const idsOf = async (query: string) => (await list(query)).jobs.map(({ job_id }) => job_id);
    for (const query of [
      'status=error',
      'source=nightly',
      'tool=order_status',
      'origin=schedule',
      `to=${ago(8 * MINUTE_MS)}`,
    ])
      expect(await idsOf(`?${query}`), query).toEqual([other.job_id]);
    expect(await idsOf(`?from=${ago(8 * MINUTE_MS)}`)).toHaveLength(7);
    expect(await send('/v1/jobs?status=done')).toMatchObject({ status: 400, body: { parameters: ['status'] } });
  });

  test('a tenant sees its own jobs without our words; the operator sees all', async () => {
    const [own, other] = [aJob({ status: 'error', payload: 'secret' }), aJob({ tenant_id: 'zenith' })];
    await storeJobs(db, own, other);
    await store(db.as('writer'), [
      anInvocation({ correlation_id: own.job_id, name: 'place_order', tenant_id: 'acme' }),
    ]);
    expect((await list('', 'acme')).jobs).toMatchObject([
      { job_id: own.job_id, error_code: 'UPSTREAM_ERROR', error_message: null },
    ]);
    expect((await list()).jobs).toHaveLength(2);
    expect(await send(`/v1/jobs/${other.job_id}`, { tenant: 'acme' })).toMatchObject({ status: 404 });
    expect(jobReport.parse((await send(`/v1/jobs/${other.job_id}`)).body).calls).toEqual([]);
    const one = jobReport.parse((await send(`/v1/jobs/${own.job_id}`, { tenant: 'acme' })).body);
    expect(one).toMatchObject({ has_payload: true, calls: [{ name: 'place_order', correlation_id: own.job_id }] });
    expect(await send(`/v1/jobs/${own.job_id}/payload`, { tenant: 'acme' })).toMatchObject({ status: 403 });
    expect(await send(`/v1/jobs/${own.job_id}/payload`)).toMatchObject({ status: 200, body: 'secret' });
    expect(errors).toEqual([]);
  });

  test.each([
    ['{"a":"<script>"}', 'application/json', { a: '<script>' }],
    ['<script>', 'text/plain; charset=utf-8', '<script>'],
  ])('a payload %s is %s, whatever its sender called it', async (payload, type, body) => {
    const job = aJob({ payload, content_type: 'text/html' });
    await storeJobs(db, job);
    const answer = await send(`/v1/jobs/${job.job_id}/payload`);
    expect([answer.status, answer.headers.get('content-type'), answer.body]).toEqual([200, type, body]);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('sources say what waits, is held back, failed and was made', async () => {
    await storeJobs(
      db,
      aJob({ due_at: ago(5 * MINUTE_MS) }),
      aJob({ due_at: ago(-5 * MINUTE_MS) }),
      ...['processing', 'error', 'quarantined'].map((status) => aJob({ status })),
      ...[2, 4].map((minutes) =>
        aJob({ status: 'processed', received_at: ago(minutes * MINUTE_MS), processed_at: ago(0) }),
      ),
      aJob({ source: 'nightly', due_at: ago(60 * MINUTE_MS) }),
    );
    const paused = await send('/v1/job-pauses/source/nightly', { method: 'PUT', body: { reason: 'broken' } });
    expect(paused.status).toBe(200);
    await store(db.as('writer'), [
      anInvocation({ kind: 'sync', name: 'inbound:contact', success: false, tenant_id: 'acme' }),
      anInvocation({ kind: 'job', name: 'orders', tenant_id: 'acme' }),
    ]);
    await db.as('refresher').run((client) => client.query('select rollup.roll_up(500)'));
    const report = queuesReport.parse((await send('/v1/queues')).body);
    expect(report.sources).toMatchObject([
      {
        source: 'stripe',
        depth: 2,
        later: 1,
        running: 1,
        failed: 1,
        quarantined: 1,
        processed: 2,
        failed_24h: 1,
        held: 0,
      },
      { source: 'nightly', depth: 0, held: 1, oldest_seconds: 0 },
    ]);
    expect(report.sources[0]?.oldest_seconds).toBeGreaterThanOrEqual(300);
    expect(report.sources[0]?.processing_ms).toBeGreaterThan(2 * MINUTE_MS);
    expect(report).toMatchObject({
      pauses: [{ scope: 'source', name: 'nightly', reason: 'broken' }],
      queues: [{ queue: 'orders', processed: 1 }],
      syncs: [{ direction: 'inbound', entity_type: 'contact', success_rate: 0 }],
      sync_errors: [{ direction: 'inbound', entity_type: 'contact' }],
    });
    const own = queuesReport.parse((await send('/v1/queues', { tenant: 'zenith' })).body);
    expect(own).toEqual({ sources: [], pauses: [], queues: [], syncs: [], sync_errors: [] });
  });

  test('health and metrics say how many jobs are due, where there are jobs', async () => {
    /** What a process says that just began: health is held for a while. */
    const ask = async () => {
      const api = await serveApi(db.as('reader'), errors);
      const health = healthReport.parse(await (await api.get('/health')).json());
      const metrics = await (await api.get('/metrics')).text();
      await api.close();
      return { job_queue: health.components.find(({ name }) => name === 'job_queue'), metrics };
    };
    const before = await ask();
    expect(before.job_queue).toBeUndefined();
    expect(before.metrics).not.toContain('job_queue_depth');
    await storeJobs(db, aJob({ status: 'processed' }), aJob({ status: 'error' }));
    expect((await ask()).job_queue).toMatchObject({ status: 'ok', critical: false });
    await storeJobs(db, aJob(), aJob({ due_at: ago(11 * MINUTE_MS) }));
    const after = await ask();
    expect(after.job_queue).toMatchObject({ status: 'degraded' });
    expect(after.metrics).toContain('job_queue_depth{queue="stripe"} 2');
    expect(errors).toEqual([]);
  });
});

/** Sends the same as two operators at the same moment: one does it, and the other reads who did. */
const sendTwice = async (path: string, sent: Sent) => {
  const answers = await Promise.all([send(path, sent), send(path, sent)]);
  const statuses = answers.map(({ status }) => status).sort();
  const refused = answers.find(({ status }) => status !== 200);
  return { statuses, detail: refused?.body.detail as string };
};
const BY_WHOM = /, by unknown at \d{4}-\d\d-\d\dT[\d:.]+Z\.$/;

describe('changes of one job', () => {
  test.each(['/v1/jobs', '/api/admin/events'])(
    '%s/{id}/replay makes one new job of a job that is over',
    async (base) => {
      const [job, running] = [
        aJob({ status: 'error', delivery_key: 'evt_1', attempts: 8 }),
        aJob({ status: 'processing' }),
      ];
      await storeJobs(db, job, running, aJob({ status: 'processed', payload: null }));
      const path = `${base}/${job.job_id}/replay`;
      expect(await post(path, {}, 'acme')).toMatchObject({ status: 403 });
      expect(await post(`${base}/${running.job_id}/replay`)).toMatchObject({ status: 409 });
      const { statuses, detail } = await sendTwice(path, { method: 'POST', body: { reason: 'the shop is back' } });
      expect(statuses).toEqual([200, 409]);
      expect(detail).toMatch(BY_WHOM);
      const [replay, ...others] = await db.rows<{ job_id: string }>(
        "select job_id, status, attempts, source, delivery_key, convert_from(payload, 'UTF8') as payload from ops.jobs where replay_of = $1",
        [job.job_id],
      );
      expect([replay, others]).toMatchObject([
        { status: 'pending', attempts: 0, source: 'stripe', delivery_key: null, payload: '{"a":1}' },
        [],
      ]);
      expect(detail).toContain(replay?.job_id);
      expect(jobReport.parse((await send(`/v1/jobs/${job.job_id}`)).body).job).toMatchObject({
        status: 'error',
        replayed_by: replay?.job_id,
      });
      expect((await audit()).filter(({ success }) => success)).toMatchObject([
        { action: 'job.replayed', target: job.job_id, reason: 'the shop is back', change: { replay: replay?.job_id } },
      ]);
      expect(errors).toEqual([]);
    },
  );

  test('what was erased cannot be replayed, and an unknown job is not found', async () => {
    const erased = aJob({ status: 'processed', payload: null });
    await storeJobs(db, erased);
    expect(await post(`/v1/jobs/${erased.job_id}/replay`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('erased') },
    });
    expect(await send(`/v1/jobs/${erased.job_id}/payload`)).toMatchObject({ status: 404 });
    expect(await post(`/v1/jobs/${aJob().job_id}/replay`)).toMatchObject({ status: 404 });
    expect(await post('/v1/jobs/nonsense/replay')).toMatchObject({ status: 400 });
  });

  test('a job is held back for a reason and released, by the operator alone and once', async () => {
    const [waits, failed, running, made] = ['pending', 'error', 'processing', 'processed'].map((status) =>
      aJob({ status }),
    );
    await storeJobs(db, ...[waits, failed, running, made].flatMap((job) => job ?? []));
    const quarantine = (job: typeof waits, sent: Sent = {}) =>
      send(`/v1/jobs/${job?.job_id}/quarantine`, { method: 'POST', body: { reason: 'looks wrong' }, ...sent });
    expect(await quarantine(waits, { body: {} })).toMatchObject({ status: 400, body: { parameters: ['reason'] } });
    expect(await quarantine(waits, { tenant: 'acme' })).toMatchObject({ status: 403 });
    expect((await quarantine(running)).status).toBe(409);
    expect((await quarantine(made)).status).toBe(409);
    expect(await quarantine(failed)).toMatchObject({
      status: 200,
      body: { job: { status: 'quarantined', processed_at: null } },
    });
    const held = await sendTwice(`/api/admin/events/${waits?.job_id}/quarantine`, {
      method: 'POST',
      body: { reason: 'looks wrong' },
    });
    expect(held.statuses).toEqual([200, 409]);
    expect(held.detail).toMatch(BY_WHOM);
    expect(await post(`/v1/jobs/${waits?.job_id}/replay`)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('release it') },
    });
    const released = await sendTwice(`/v1/jobs/${waits?.job_id}/release`, { method: 'POST', body: {} });
    expect(released.statuses).toEqual([200, 409]);
    expect(released.detail).toMatch(/is not in quarantine but pending; it was released, by unknown at /);
    expect((await list('?status=pending')).jobs).toMatchObject([{ job_id: waits?.job_id, reason: null }]);
    expect((await audit()).filter(({ success }) => success).map(({ action }) => action)).toEqual([
      'job.quarantined',
      'job.quarantined',
      'job.released',
    ]);
  });

  test('one that is replayed and held back at once is only one of the two', async () => {
    const job = aJob({ status: 'error' });
    await storeJobs(db, job);
    const [replayed, held] = await Promise.all([
      post(`/v1/jobs/${job.job_id}/replay`),
      post(`/v1/jobs/${job.job_id}/quarantine`, { reason: 'no' }),
    ]);
    expect([replayed.status, held.status].sort()).toEqual([200, 409]);
    expect(errors).toEqual([]);
  });
});

test.each(['/v1/jobs/process-pending', '/api/jobs/process-pending'])(
  '%s makes retries due, and not what is for later',
  async (path) => {
    await storeJobs(db, aJob({ due_at: ago(-60 * MINUTE_MS), attempts: 2 }), aJob({ due_at: ago(-60 * MINUTE_MS) }));
    expect(await post(path, undefined, 'acme')).toMatchObject({ status: 403 });
    expect(await post(path)).toMatchObject({ status: 200, body: { count: 1 } });
    expect(await post(path)).toMatchObject({ status: 200, body: { count: 0 } });
    expect(await rows('attempts, due_at <= now() as is_due')).toEqual([
      { attempts: 2, is_due: true },
      { attempts: 0, is_due: false },
    ]);
  },
);

test('a pause is begun and ended by the operator alone, each once', async () => {
  const path = '/v1/job-pauses/tool/place_order';
  expect(await send(path, { method: 'PUT', body: { reason: 'x' }, tenant: 'acme' })).toMatchObject({ status: 403 });
  expect(await send(path, { method: 'PUT', body: {} })).toMatchObject({ status: 400 });
  const begun = await sendTwice(path, { method: 'PUT', body: { reason: 'the shop is down' } });
  expect(begun.statuses).toEqual([200, 409]);
  expect(begun.detail).toMatch(BY_WHOM);
  const ended = await sendTwice(path, { method: 'DELETE', body: {} });
  expect(ended.statuses).toEqual([200, 409]);
  expect(ended.detail).toMatch(/a pause was ended, by unknown at /);
  expect(await send('/v1/job-pauses/source/never', { method: 'DELETE' })).toMatchObject({
    status: 409,
    body: { detail: 'Nothing keeps back jobs of the source never.' },
  });
});

describe('calling tools later', () => {
  test('one request stores many, and none twice by its key', async () => {
    const due_at = ago(-60 * MINUTE_MS);
    const jobs = [
      { tool: 'place_order', arguments: { product: 'a\u0000' }, key: '1', tenant: 'acme' },
      { tool: 'order_status', due_at, sync: { direction: 'inbound', entity_type: 'order' } },
      { tool: 'place_order', key: '1' },
    ];
    expect(await post('/v1/jobs', { jobs }, 'acme')).toMatchObject({ status: 403 });
    const first = await post('/v1/jobs', { jobs, reason: 'a batch' });
    expect(first).toMatchObject({
      status: 200,
      body: { stored: 2, jobs: [{ is_new: true }, { is_new: true }, { is_new: false }] },
    });
    expect(first.body.jobs[2].job_id).toBe(first.body.jobs[0].job_id);
    const again = await post('/v1/jobs', { jobs: jobs.slice(0, 1) });
    expect(again).toMatchObject({
      status: 200,
      body: { stored: 0, jobs: [{ job_id: first.body.jobs[0].job_id, is_new: false }] },
    });
    expect(
      await rows("origin, source, tenant_id, max_attempts, direction, convert_from(payload, 'UTF8') as payload"),
    ).toEqual([
      {
        origin: 'person',
        source: 'by-hand',
        tenant_id: 'acme',
        max_attempts: 5,
        direction: null,
        payload: '{"product":"a\\u0000"}',
      },
      {
        origin: 'person',
        source: 'by-hand',
        tenant_id: 'default',
        max_attempts: 5,
        direction: 'inbound',
        payload: '{}',
      },
    ]);
    expect((await list(`?from=${ago(MINUTE_MS)}`)).jobs.map((job) => job.due_at)).toContain(due_at);
    expect(await audit()).toMatchObject([
      {
        action: 'jobs.requested',
        reason: 'a batch',
        change: { stored: 2, tools: { place_order: 2, order_status: 1 } },
      },
      { change: { stored: 0 } },
    ]);
  });

  test('two requests with the same keys at once make each job once', async () => {
    const jobs = Array.from({ length: 50 }, (_, index) => ({ tool: 'place_order', key: String(index) }));
    const answers = await Promise.all([post('/v1/jobs', { jobs }), post('/v1/jobs', { jobs: jobs.toReversed() })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.reduce((sum, { body }) => sum + body.stored, 0)).toBe(50);
    expect(await rows('job_id')).toHaveLength(50);
  });

  test.each<[string, object, number]>([
    ['an unknown tool', { jobs: [{ tool: 'nonsense' }] }, 422],
    ['no job', { jobs: [] }, 400],
    ['too many jobs', { jobs: Array.from({ length: 1_001 }, () => ({ tool: 'x' })) }, 400],
    ['arguments that are no object', { jobs: [{ tool: 'place_order', arguments: [1] }] }, 400],
    ['a time in two years', { jobs: [{ tool: 'place_order', due_at: ago(-730 * 1_440 * MINUTE_MS) }] }, 400],
    ['a source that is no name', { jobs: [{ tool: 'place_order', source: 'A "b"' }] }, 400],
    ['more than is read', { jobs: [{ tool: 'place_order', arguments: { a: 'x'.repeat(300_000) } }] }, 413],
  ])('%s is refused with what to write, and stores nothing', async (_, body, status) => {
    const answer = await post('/v1/jobs', body);
    expect(answer).toMatchObject({
      status,
      body: { detail: expect.stringMatching(/^(Field jobs|The body is larger)/) },
    });
    if (status === 422) expect(answer.body.detail).toContain('the tools are order_status, place_order');
    expect(await rows('job_id')).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('where there are no tenants none is named, and where nothing makes jobs none is stored', async () => {
    const jobs = [{ tool: 'place_order', tenant: 'acme' }];
    const sent = { method: 'POST', api: withoutJobs };
    expect(await send('/v1/jobs', { ...sent, body: { jobs } })).toMatchObject({
      status: 400,
      body: { parameters: ['jobs.0.tenant'] },
    });
    for (const [path, body] of Object.entries({
      '/v1/jobs': { jobs: [{ tool: 'place_order' }] },
      '/v1/jobs/process-pending': {},
      [`/v1/jobs/${aJob().job_id}/replay`]: {},
      '/v1/job-replays': { filter: { status: 'error' }, cap: 1, per_minute: 1, reason: 'x' },
    }))
      expect(await send(path, { ...sent, body }), path).toMatchObject({
        status: 409,
        body: { detail: expect.stringMatching(/^Setting jobs: /) },
      });
    expect(await rows('job_id')).toEqual([]);
  });
});

describe('bulk replays', () => {
  const FILTER = { status: 'error', source: 'stripe', error_code: 'UPSTREAM_ERROR' };
  const start = (body: object = {}) =>
    post('/v1/job-replays', { filter: FILTER, cap: 100, per_minute: 60, reason: 'the shop is back', ...body });

  const storeFailures = async () => {
    const failed = Array.from({ length: 5 }, (_, index) =>
      aJob({ status: 'error', received_at: ago((9 - index) * MINUTE_MS) }),
    );
    await storeJobs(
      db,
      ...failed,
      aJob({ status: 'error', source: 'other' }),
      aJob(),
      aJob({ status: 'error', payload: null }),
    );
    await post(`/v1/jobs/${failed[0]?.job_id}/replay`);
    return failed;
  };

  test('a rehearsal counts and changes nothing', async () => {
    const failed = await storeFailures();
    const before = await rows('job_id');
    const { body } = await post('/v1/job-replays', { filter: FILTER, dry_run: true });
    expect(body).toMatchObject({ matching: 6, replayed_already: 1, erased: 1, jobs: 4, replay: null });
    expect(body.examples.map(({ job_id }: { job_id: string }) => job_id)).toEqual(
      failed.slice(1).map(({ job_id }) => job_id),
    );
    expect(await rows('job_id')).toEqual(before);
  });

  test.each(['cap', 'per_minute', 'reason'])('without %s it is refused, and with it not', async (field) => {
    expect(await start({ [field]: undefined })).toMatchObject({ status: 400, body: { parameters: [field] } });
    expect((await start()).status).toBe(200);
  });

  test('two at once replay each job once, the first before others and at their rate', async () => {
    const failed = await storeFailures();
    const answers = await Promise.all([start(), start()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers.reduce((sum, { body }) => sum + body.jobs, 0)).toBe(4);
    const made = await db.rows<{ replay_of: string }>(
      'select replay_of, extract(epoch from due_at - received_at)::integer as after from ops.jobs where batch_id is not null order by due_at',
    );
    expect(made).toEqual(failed.slice(1).map(({ job_id }, index) => ({ replay_of: job_id, after: index })));
    expect((await start()).body).toMatchObject({ jobs: 0, replayed_already: 5, replay: { status: 'over' } });
    expect(errors).toEqual([]);
  });

  test('the operator sees its progress, aborts it and lets it go on at its rate', async () => {
    await storeFailures();
    const { body } = await start({ cap: 3 });
    const path = `/v1/job-replays/${body.replay.batch_id}`;
    expect(body).toMatchObject({
      jobs: 3,
      replay: { status: 'running', by_status: { pending: 3 }, requested_by: 'unknown' },
    });
    expect(await send(path, { tenant: 'acme' })).toMatchObject({ status: 403 });
    expect((await list(`?batch_id=${body.replay.batch_id}`)).jobs).toHaveLength(3);
    const aborted = await sendTwice(`${path}/status`, { method: 'PUT', body: { status: 'aborted' } });
    expect(aborted.statuses).toEqual([200, 409]);
    expect(aborted.detail).toMatch(BY_WHOM);
    await db.rows("update ops.jobs set due_at = now() - interval '1 hour' where batch_id is not null");
    expect((await send('/v1/queues')).body.sources).toMatchObject([{ source: 'stripe', held: 3 }, { source: 'other' }]);
    const resumed = await send(`${path}/status`, { method: 'PUT', body: { status: 'running' } });
    expect(resumed).toMatchObject({ status: 200, body: { replay: { status: 'running' } } });
    expect(
      await db.rows(
        'select extract(epoch from due_at - min(due_at) over ())::integer as after from ops.jobs where batch_id is not null order by due_at',
      ),
    ).toEqual([0, 1, 2].map((after) => ({ after })));
    await db.rows("update ops.jobs set status = 'processed', processed_at = now() where batch_id is not null");
    expect((await send(path)).body.replay).toMatchObject({
      status: 'over',
      by_status: { processed: 3 },
      ends_at: null,
    });
    expect(await send(`/v1/job-replays/${aJob().job_id}`)).toMatchObject({ status: 404 });
  });
});

describe('the command', async () => {
  const router = createCheckedRouter({
    ...{ database: db.as('reader'), editor, jobAttempts: 5, service: 'toolwatch', version: '1', page: PAGE },
    frontDoor: { TOOLWATCH_TENANTS: 'on' },
    onError: (error) => errors.push(error),
  });
  const lambda = await serveLambda({
    api: (event) => router.resolve(event as APIGatewayProxyEventV2, {} as Context),
  });
  afterAll(() => lambda.close());
  const run = (...args: string[]) => runToolwatch({ endpoint: lambda.url }, ...args, '--function', 'api');

  test('shows queues and jobs, and replays one once', async () => {
    const job = aJob({ status: 'error', delivery_key: 'evt_1' });
    await storeJobs(db, job);
    expect((await run('queues')).stdout).toMatch(/^stripe +0 +- +0 +0 +1 /m);
    expect((await run('jobs', '--status', 'error')).stdout).toContain(job.job_id);
    expect((await run('jobs', job.job_id)).stdout).toMatch(/^key +evt_1$/m);
    const replay = await run('job', 'replay', job.job_id, '--reason', 'the shop is back');
    expect(replay.stdout).toMatch(new RegExp(`^repeats +${job.job_id}$`, 'm'));
    const again = await run('job', 'replay', job.job_id);
    expect([again.status, again.stderr]).toEqual([2, expect.stringContaining('was replayed already')]);
  });

  test('has a tool called, holds it back, and replays all that failed', async () => {
    await storeJobs(db, aJob({ status: 'error' }), aJob({ status: 'error' }));
    const call = await run('job', 'call', 'place_order', '--arguments', '{"a":1}', '--tenant', 'acme');
    expect(call.stdout).toMatch(/^Stored as job [\da-f-]{36}\.$/m);
    expect((await run('job', 'pause', 'tool/place_order', '--reason', 'broken')).stdout).toContain('wait from now on');
    expect((await run('queues')).stdout).toMatch(/^tool place_order .* broken$/m);
    expect((await run('job', 'replay-all', '--dry-run')).stdout).toContain('Of 2 jobs 2 can be replayed');
    const started = await run('job', 'replay-all', '--cap', '1', '--per-minute', '60', '--reason', 'x', '--json');
    const id = JSON.parse(started.stdout).replay.batch_id;
    expect((await run('job', 'abort', id)).stdout).toContain('is aborted: of 1 jobs');
    await db.rows("update ops.job_batches set status = 'running'");
    await db.rows("update ops.jobs set status = 'processed', processed_at = now() where batch_id is not null");
    expect((await run('job', 'progress', id, '--wait')).stdout).toContain('is over: of 1 jobs 1 were made');
    expect(errors).toEqual([]);
  });
});
