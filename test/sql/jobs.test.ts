import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { type AcceptedJob, acceptedJob, JOB_PAYLOAD_LIMIT_BYTES } from '../../lambdas/contract/jobs/job.ts';
import type { JobsAnswers, JobsRequest } from '../../lambdas/contract/jobs/store-requests.ts';
import { answerJobsRequest } from '../../lambdas/jobs/jobs.ts';
import { createUuidV7 } from '../../lambdas/observe/line/uuid.ts';
import { applyRetention } from '../../lambdas/retention/retention.ts';
import { testDatabase } from '../support/database.ts';

const db = await testDatabase();
const jobs = db.as('jobs');
const ask = <Do extends JobsRequest['do']>(request: Extract<JobsRequest, { do: Do }>): Promise<JobsAnswers[Do]> =>
  answerJobsRequest(jobs, request) as Promise<JobsAnswers[Do]>;

const aJob = (given: Partial<AcceptedJob> = {}): AcceptedJob => ({
  job_id: createUuidV7(Date.now()),
  origin: 'hook',
  source: 'shop',
  tool: 'import_order',
  tenant_id: 'default',
  received_at: new Date().toISOString(),
  max_attempts: 8,
  payload: Buffer.from('{}').toString('base64'),
  ...given,
});
const storeJobs = async (...given: Partial<AcceptedJob>[]): Promise<AcceptedJob[]> => {
  const accepted = given.map(aJob);
  await ask({ do: 'store', jobs: accepted });
  return accepted;
};
const claimJobs = async (given: Partial<Extract<JobsRequest, { do: 'claim' }>> = {}) => {
  const lease_id = randomUUID();
  const request = { lease_seconds: { import_order: 60, charge: 60 }, repeatable: ['import_order'], limit: 100 };
  const deployed = Object.keys({ ...request.lease_seconds, ...given.lease_seconds });
  return { lease_id, ...(await ask({ do: 'claim', lease_id, deployed, ...request, ...given })) };
};
const idsOf = (list: readonly { job_id: string }[]) => list.map(({ job_id }) => job_id);
const rowOf = async (job_id: string | undefined) =>
  (await db.rows<Record<string, unknown>>('select * from ops.jobs where job_id = $1', [job_id]))[0] ?? {};
const endLeases = () =>
  db.rows("update ops.jobs set leased_until = now() - interval '1 second' where lease_id is not null");

beforeEach(() => db.rows('truncate ops.jobs, ops.job_batches, ops.job_pauses'));

describe('storing', () => {
  test('each job is stored once, by its id and by its delivery', async () => {
    const [first] = await storeJobs({ delivery_key: 'evt_1' });
    const again = aJob({ delivery_key: 'evt_1' });
    const other = aJob({ delivery_key: 'evt_1', source: 'other' });
    expect(await ask({ do: 'store', jobs: [first as AcceptedJob, again, other, other] })).toEqual({
      stored: [other.job_id],
      known: [first?.job_id, again.job_id],
    });
    expect(await db.rows('select count(*) as jobs from ops.jobs')).toEqual([{ jobs: 2 }]);
  });

  test('whatever is accepted can be stored, and is claimed as it was', async () => {
    const key = fc.string({ unit: 'binary', minLength: 1, maxLength: 520 });
    const time = fc.date({ noInvalidDate: true }).map((date) => date.toISOString());
    const anything = fc.record(
      {
        origin: fc.constantFrom('hook', 'schedule', 'person'),
        source: key,
        delivery_key: key,
        tool: fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }),
        tenant_id: key,
        received_at: time,
        due_at: time,
        max_attempts: fc.integer({ min: 0, max: 200 }),
        sync: fc.record({ direction: key, entity_type: key }),
        content_type: key,
        payload: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes).toString('base64')),
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 8 }), async (given) => {
        await db.rows('truncate ops.jobs, ops.job_batches');
        // Each value that the schema refuses alone is left out, so that the others are seen.
        const accepted = given.map((fields) =>
          aJob(
            Object.fromEntries(
              Object.entries(fields).filter(([name, value]) => acceptedJob.safeParse(aJob({ [name]: value })).success),
            ),
          ),
        );
        const { stored, known } = await ask({ do: 'store', jobs: accepted });
        expect([...stored, ...known].sort()).toEqual(idsOf(accepted).sort());
        const lease_seconds = Object.fromEntries(accepted.map(({ tool }) => [tool, 60]));
        const claimed = await claimJobs({ lease_seconds, repeatable: [] });
        for (const { attempt, ...job } of claimed.jobs) {
          const { due_at: _, ...sent } = accepted.find(({ job_id }) => job_id === job.job_id) as AcceptedJob;
          expect({ ...job, received_at: Date.parse(job.received_at) }).toEqual({
            ...sent,
            received_at: Date.parse(sent.received_at),
          });
          expect(attempt).toBe(1);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('texts that no database stores are refused, and so is a payload that is too large', () => {
    const tooLarge = Buffer.alloc(JOB_PAYLOAD_LIMIT_BYTES + 1).toString('base64');
    for (const given of [
      { tool: 'a\0' },
      { content_type: '\ud800' },
      { source: 'é'.repeat(257) },
      { payload: tooLarge },
    ])
      expect(acceptedJob.safeParse(aJob(given)).success).toBe(false);
  });

  test('the largest payload is stored, and a claim takes no more than an answer holds', async () => {
    const payload = Buffer.alloc(JOB_PAYLOAD_LIMIT_BYTES, 1).toString('base64');
    for (let count = 0; count < 8; count += 1) await storeJobs({ payload });
    const first = await claimJobs();
    expect(first.jobs.length).toBeGreaterThan(4);
    expect(JSON.stringify(first).length).toBeLessThan(6_000_000);
    expect((await claimJobs()).jobs).toHaveLength(8 - first.jobs.length);
  });
});

describe('claiming', () => {
  test('the longest due come first, and none before its time', async () => {
    const at = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
    const [late, early] = await storeJobs({ due_at: at(-10) }, { due_at: at(-20) }, { due_at: at(60) });
    expect(idsOf((await claimJobs({ limit: 1 })).jobs)).toEqual([early?.job_id]);
    expect(idsOf((await claimJobs()).jobs)).toEqual([late?.job_id]);
  });

  test('workers that claim at the same time claim different jobs', async () => {
    await storeJobs(...Array.from({ length: 60 }, () => ({})));
    const workers = Array.from({ length: 4 }, () => db.as('jobs'));
    const claims = await Promise.all(
      [...workers, ...workers].map(async (worker) => {
        const request = {
          lease_seconds: { import_order: 60 },
          repeatable: [],
          deployed: ['import_order'],
          limit: 10,
          lease_id: randomUUID(),
        };
        return idsOf(((await answerJobsRequest(worker, { do: 'claim', ...request })) as JobsAnswers['claim']).jobs);
      }),
    );
    expect(new Set(claims.flat()).size).toBe(claims.flat().length);
    expect(idsOf((await claimJobs()).jobs).length + claims.flat().length).toBe(60);
  });

  test('what is paused, of an aborted batch, or of another tool is not claimed', async () => {
    const [, , ofBatch, charge] = await storeJobs({ source: 'paused' }, { tool: 'unknown' }, {}, { tool: 'charge' });
    const batch_id = randomUUID();
    await db.rows("insert into ops.job_batches values ($1, '{}', 1, 1, 'aborted', 'ann')", [batch_id]);
    await db.rows('update ops.jobs set batch_id = $1 where job_id = $2', [batch_id, ofBatch?.job_id]);
    await db.rows("insert into ops.job_pauses values ('source', 'paused', 'r', 'ann'), ('tool', 'charge', 'r', 'ann')");
    expect((await claimJobs()).jobs).toEqual([]);
    await db.rows("delete from ops.job_pauses where scope = 'tool'");
    expect(idsOf((await claimJobs()).jobs)).toEqual([charge?.job_id]);
  });

  test('a job whose lease has ended is claimed again if its tool may be repeated, as often as it may be tried', async () => {
    const [job] = await storeJobs({ max_attempts: 2 });
    await claimJobs();
    expect((await claimJobs()).jobs).toEqual([]);
    await endLeases();
    expect((await claimJobs()).jobs).toMatchObject([{ job_id: job?.job_id, attempt: 2 }]);
    await endLeases();
    expect((await claimJobs()).jobs).toEqual([]);
    expect(await rowOf(job?.job_id)).toMatchObject({ status: 'error', error_code: 'TIMEOUT', lease_id: null });
  });

  test('a job whose tool is gone is in error when it has been due for an hour, and waits until then', async () => {
    const agoByMinutes = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
    const [gone, fresh] = await storeJobs(
      { tool: 'removed', due_at: agoByMinutes(61) },
      { tool: 'removed', due_at: agoByMinutes(59) },
    );
    expect((await claimJobs()).jobs).toEqual([]);
    expect(await rowOf(gone?.job_id)).toMatchObject({
      ...{ status: 'error', error_code: 'INTERNAL_ERROR', error_message: 'There is no tool removed any more.' },
      processed_at: expect.any(Date),
    });
    expect(await rowOf(fresh?.job_id)).toMatchObject({ status: 'pending', error_code: null });
  });

  test('a job whose lease has ended and whose tool may not be repeated is in error', async () => {
    const [job] = await storeJobs({ tool: 'charge' });
    await claimJobs();
    await endLeases();
    expect((await claimJobs()).jobs).toEqual([]);
    expect(await rowOf(job?.job_id)).toMatchObject({
      status: 'error',
      error_message: expect.stringContaining('may have had its effect'),
    });
  });

  test('a replay names the call that it replays', async () => {
    const [first] = await storeJobs({});
    const { lease_id } = await claimJobs();
    const call_id = randomUUID();
    await ask({ do: 'finish', lease_id, jobs: [{ job_id: first?.job_id ?? '', call_id }] });
    const [second] = await storeJobs({});
    await db.rows('update ops.jobs set replay_of = $1 where job_id = $2', [first?.job_id, second?.job_id]);
    expect((await claimJobs()).jobs).toMatchObject([{ replays_call: call_id }]);
  });
});

describe('finishing', () => {
  const error = { code: 'UPSTREAM_ERROR', message: 'The shop answered 503' };

  test('a job is processed, waits for its next attempt, or is in error', async () => {
    const accepted = await storeJobs({}, {}, {});
    const [done = '', later = '', failed = ''] = idsOf(accepted);
    const { lease_id } = await claimJobs();
    const retry_at = new Date(Date.now() + 60_000).toISOString();
    const ends = [
      { job_id: done, call_id: randomUUID() },
      { job_id: later, error, retry_at },
      { job_id: failed, error },
    ];
    expect((await ask({ do: 'finish', lease_id, jobs: ends })).finished.sort()).toEqual(idsOf(accepted).sort());
    expect(await rowOf(done)).toMatchObject({ status: 'processed', processed_at: expect.any(Date), error_code: null });
    expect(await rowOf(later)).toMatchObject({ status: 'pending', due_at: new Date(retry_at), processed_at: null });
    expect(await rowOf(failed)).toMatchObject({ status: 'error', error_message: error.message });
    expect(await ask({ do: 'measure' })).toMatchObject({ depth: 0, later: 1, newly_failed: 1, processed: 1 });
  });

  test('whoever has lost the lease changes nothing', async () => {
    const [{ job_id = '' } = {}] = await storeJobs({});
    const first = await claimJobs();
    await endLeases();
    const second = await claimJobs();
    const late = { do: 'finish' as const, lease_id: first.lease_id, jobs: [{ job_id, error }] };
    expect(await ask(late)).toEqual({ finished: [] });
    const progress = { do: 'progress', job_id, percent: 50, message: 'half', lease_seconds: 600 } as const;
    expect(await ask({ ...progress, lease_id: first.lease_id })).toEqual({ held: false });
    expect(await ask({ ...progress, lease_id: second.lease_id })).toEqual({ held: true });
    expect(await rowOf(job_id)).toMatchObject({ status: 'processing', percent: 50, progress: 'half' });
    expect(await ask({ ...late, lease_id: second.lease_id })).toEqual({ finished: [job_id] });
  });
});

test('what waits and runs is counted, and since when the longest due waits', async () => {
  expect(await ask({ do: 'measure' })).toEqual({
    ...{ depth: 0, oldest_seconds: 0, later: 0, quarantined: 0, newly_failed: 0, processed: 0, processing_ms: null },
  });
  const at = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();
  const [, , quarantined] = await storeJobs({ due_at: at(-100) }, { due_at: at(-50) }, {}, { due_at: at(50) });
  await claimJobs({ limit: 1 });
  await db.rows("update ops.jobs set status = 'quarantined', reason = 'r' where job_id = $1", [quarantined?.job_id]);
  const figures = await ask({ do: 'measure' });
  expect(figures).toMatchObject({ depth: 2, later: 1, quarantined: 1 });
  expect(Math.abs(figures.oldest_seconds - 50)).toBeLessThan(30);
});

test('jobs that have been over or in quarantine for long are deleted, and those that wait never', async () => {
  await db.rows(`
    insert into ops.jobs (job_id, origin, source, tool, tenant_id, received_at, due_at, changed_at, max_attempts,
      payload_bytes, status, processed_at, reason, delivery_key)
    select gen_random_uuid(), 'hook', 's', 't', 'x', at, at, at, 1, 0, status,
      case when status in ('processed', 'error') then at end, case when status = 'quarantined' then 'r' end, status || days
    from unnest(array['pending', 'processed', 'error', 'quarantined']) as status, unnest(array[5, 15]) as days,
      lateral (select now() - make_interval(days => days) as at) as times`);
  expect(await applyRetention(db.as('retention'), 7)).toMatchObject({ forgotten_jobs: 3 });
  const left = await db.rows<{ delivery_key: string }>('select delivery_key from ops.jobs order by 1');
  expect(left.map(({ delivery_key }) => delivery_key)).toEqual([
    'error5',
    'pending15',
    'pending5',
    'processed5',
    'quarantined5',
  ]);
});
