import type * as z from 'zod';
import { type hastenedJobs, MAX_HASTENED, reasonOnly, reasonRequired } from '../../contract/jobs/changes.ts';
import type { JobStatus } from '../../contract/jobs/job.ts';
import { type JobReport, jobId } from '../../contract/jobs/reports.ts';
import type { Database } from '../../database/database.ts';
import { createUuidV7 } from '../../observe/line/uuid.ts';
import { parseBody } from '../changes/body.ts';
import type { ChangeHandler } from '../changes/change-handler.ts';
import { type Writer, writeStore } from '../changes/write-store.ts';
import { RefusedError } from '../request/errors.ts';
import { parsePath } from '../request/query.ts';
import { readStore } from '../request/reader.ts';
import { noSuchJob, readJob } from './jobs.ts';
import { attemptsOf, doneAlready } from './refusals.ts';

/** How a job stands while nobody else can change it. */
interface Locked {
  status: JobStatus;
  has_payload: boolean;
  replayed_by: string | undefined;
}

const lockJob = async (writer: Writer, id: string): Promise<Locked> => {
  const [job] = await writer.rows<Omit<Locked, 'replayed_by'>>('lock-job', [id]);
  if (!job) throw noSuchJob(id);
  // Asked only now: a replay that was made while this waited is there.
  const [replay] = await writer.rows<{ job_id: string }>('replay-of-job', [id]);
  return { ...job, replayed_by: replay?.job_id };
};

const answerJob = async (database: Database, id: string): Promise<Response> => {
  const answer: Pick<JobReport, 'job'> = { job: await readStore(database, undefined, (reader) => readJob(reader, id)) };
  return Response.json(answer);
};

/** What a job that is not over does meanwhile. */
const NOT_OVER: Partial<Record<JobStatus, string>> = {
  pending: 'waits for its next attempt',
  processing: 'runs now',
  quarantined: 'is in quarantine: release it',
};

/** POST /v1/jobs/{id}/replay, and the path of an earlier system */
export const replayJob: ChangeHandler = async (parts, context, actor) => {
  const { database, editor } = parts;
  const id = parsePath(jobId, 'id', context);
  const { reason } = parseBody(reasonOnly, context.event.received);
  const action = 'job.replayed';
  const replayId = await writeStore(editor, { ...actor, action, target: id, reason }, async (writer) => {
    attemptsOf(parts);
    const { status, has_payload, replayed_by } = await lockJob(writer, id);
    if (replayed_by !== undefined)
      throw await doneAlready(database, {
        what: `The job ${id} was replayed already, as ${replayed_by}`,
        target: id,
        actions: [action],
      });
    const meanwhile = NOT_OVER[status];
    if (meanwhile !== undefined) throw new RefusedError(409, `The job ${id} ${meanwhile}.`);
    if (!has_payload)
      throw new RefusedError(409, `What arrived as the job ${id} was erased, so it cannot be replayed.`);
    const made = createUuidV7(Date.now());
    await writer.rows('replay-job', [id, made]);
    return { answer: made, change: { before: { status }, replay: made } };
  });
  return answerJob(database, replayId);
};

/** POST /v1/jobs/{id}/quarantine, and the path of an earlier system */
export const quarantineJob: ChangeHandler = async ({ database, editor }, context, actor) => {
  const id = parsePath(jobId, 'id', context);
  const { reason } = parseBody(reasonRequired, context.event.received);
  const action = 'job.quarantined';
  await writeStore(editor, { ...actor, action, target: id, reason }, async (writer) => {
    const { status, replayed_by } = await lockJob(writer, id);
    if (status === 'quarantined')
      throw await doneAlready(database, {
        what: `The job ${id} is in quarantine already`,
        target: id,
        actions: [action],
      });
    if (status === 'processing') throw new RefusedError(409, `The job ${id} runs now, so it cannot be held back.`);
    if (status === 'processed') throw new RefusedError(409, `The job ${id} was made already.`);
    if (replayed_by !== undefined) {
      const message = `The job ${id} was replayed as ${replayed_by}; quarantine that one.`;
      throw new RefusedError(409, message);
    }
    await writer.rows('quarantine-job', [id, reason]);
    return { answer: undefined, change: { before: { status }, after: { status: 'quarantined' } } };
  });
  return answerJob(database, id);
};

/** POST /v1/jobs/{id}/release */
export const releaseJob: ChangeHandler = async (parts, context, actor) => {
  const { database, editor } = parts;
  const id = parsePath(jobId, 'id', context);
  const { reason } = parseBody(reasonOnly, context.event.received);
  const action = 'job.released';
  await writeStore(editor, { ...actor, action, target: id, reason }, async (writer) => {
    attemptsOf(parts);
    const { status } = await lockJob(writer, id);
    if (status !== 'quarantined')
      throw await doneAlready(database, {
        what: `The job ${id} is not in quarantine but ${status}`,
        done: '; it was released',
        target: id,
        actions: [action],
      });
    await writer.rows('release-job', [id]);
    return { answer: undefined, change: { before: { status }, after: { status: 'pending' } } };
  });
  return answerJob(database, id);
};

/** POST /v1/jobs/process-pending, and the path of an earlier system */
export const hastenJobs: ChangeHandler = async (parts, context, actor) => {
  const { reason } = parseBody(reasonOnly, context.event.received);
  const attempt = { ...actor, action: 'jobs.hastened', target: 'jobs', reason };
  const count = await writeStore(parts.editor, attempt, async (writer) => {
    attemptsOf(parts);
    const { length } = await writer.rows('hasten-jobs', [MAX_HASTENED]);
    return { answer: length, change: { count: length } };
  });
  const answer: z.output<typeof hastenedJobs> = { count };
  return Response.json(answer);
};
