import type * as z from 'zod';
import {
  type BulkReplay,
  bulkReplayId,
  bulkReplayRequest,
  bulkReplaySwitch,
  EXAMPLES_SHOWN,
  type ReplayFilter,
  type startedBulkReplay,
} from '../../contract/jobs/bulk-replay.ts';
import { noQuery } from '../../contract/queries.ts';
import { createUuidV7 } from '../../observe/line/uuid.ts';
import { parseBody } from '../changes/body.ts';
import type { ChangeHandler } from '../changes/change-handler.ts';
import { writeStore } from '../changes/write-store.ts';
import { RefusedError } from '../request/errors.ts';
import { parsePath, parseQuery } from '../request/query.ts';
import { type Reader, readStore } from '../request/reader.ts';
import type { RouteHandler } from '../route-handler.ts';
import { readJob } from './jobs.ts';
import { attemptsOf, doneAlready } from './refusals.ts';

type Started = z.output<typeof startedBulkReplay>;
type Counts = Pick<Started, 'matching' | 'replayed_already' | 'erased'>;

const NONE: Counts = { matching: 0, replayed_already: 0, erased: 0 };

const valuesOf = ({ status, source, tool, error_code, from, to }: ReplayFilter) => [
  ...[status, source ?? null, tool ?? null, error_code ?? null, from ?? null, to ?? null],
];

const readBatch = async (reader: Pick<Reader, 'rows'>, id: string): Promise<BulkReplay> => {
  const [batch] = await reader.rows<BulkReplay>('job-batch', [id]);
  if (!batch) throw new RefusedError(404, `There is no bulk replay with the id ${id}.`);
  return batch;
};

const countReplays = async (reader: Pick<Reader, 'rows'>, filter: ReplayFilter): Promise<Counts> =>
  (await reader.rows<Counts>('count-replays', valuesOf(filter)))[0] ?? NONE;

const findReplayable = async (reader: Pick<Reader, 'rows'>, filter: ReplayFilter, limit: number): Promise<string[]> =>
  (await reader.rows<{ job_id: string }>('replayable-jobs', [...valuesOf(filter), limit])).map(({ job_id }) => job_id);

/** What a bulk replay would make, without a change. */
const rehearse = async (reader: Reader, filter: ReplayFilter): Promise<Started> => {
  const counts = await countReplays(reader, filter);
  const { matching, replayed_already, erased } = counts;
  const ids = await findReplayable(reader, filter, EXAMPLES_SHOWN);
  const examples: Started['examples'] = [];
  for (const id of ids) examples.push(await readJob(reader, id));
  return { ...counts, jobs: matching - replayed_already - erased, examples, replay: null };
};

/** POST /v1/job-replays */
export const startBulkReplay: ChangeHandler = async (parts, context, actor) => {
  const { database, editor } = parts;
  const { filter, dry_run, cap = 1, per_minute = 1, reason } = parseBody(bulkReplayRequest, context.event.received);
  const batchId = createUuidV7(Date.now());
  if (dry_run) return Response.json(await readStore(database, undefined, (reader) => rehearse(reader, filter)));
  const attempt = { ...actor, action: 'job_replay.begun', target: batchId, reason };
  const counts = await writeStore(editor, attempt, async (writer) => {
    attemptsOf(parts);
    const found = await countReplays(writer, filter);
    const ids = await findReplayable(writer, filter, cap);
    await writer.rows('put-job-batch', [batchId, JSON.stringify(filter), per_minute, actor.actor]);
    const { length: jobs } = await writer.rows('replay-jobs', [ids, batchId, per_minute]);
    await writer.rows('count-job-batch', [batchId, jobs]);
    return { answer: { ...found, jobs }, change: { filter, per_minute, cap, ...found, jobs } };
  });
  const replay = await readStore(database, undefined, (reader) => readBatch(reader, batchId));
  const started: Started = { ...counts, examples: [], replay };
  return Response.json(started);
};

/** GET /v1/job-replays/{id} */
export const getBulkReplay: RouteHandler = async ({ database, operatorOnly }, context) => {
  parseQuery(noQuery, context.req);
  const id = parsePath(bulkReplayId, 'id', context);
  operatorOnly(context);
  return Response.json({ replay: await readStore(database, undefined, (reader) => readBatch(reader, id)) });
};

const ACTIONS = { aborted: 'job_replay.aborted', running: 'job_replay.resumed' } as const;

/** PUT /v1/job-replays/{id}/status */
export const switchBulkReplay: ChangeHandler = async ({ database, editor }, context, actor) => {
  const id = parsePath(bulkReplayId, 'id', context);
  const { status, reason } = parseBody(bulkReplaySwitch, context.event.received);
  const action = ACTIONS[status];
  await writeStore(editor, { ...actor, action, target: id, reason }, async (writer) => {
    const [before] = await writer.rows<{ status: 'aborted' | 'running'; per_minute: number }>('lock-job-batch', [id]);
    if (!before) throw new RefusedError(404, `There is no bulk replay with the id ${id}.`);
    if (before.status === status)
      throw await doneAlready(database, {
        what: `The bulk replay ${id} is ${status} already`,
        target: id,
        actions: status === 'running' ? ['job_replay.begun', action] : [action],
      });
    await writer.rows('switch-job-batch', [id, status]);
    // Its jobs became due while they waited, and all at once they would exceed its rate.
    if (status === 'running') await writer.rows('space-job-batch', [id, before.per_minute]);
    return { answer: undefined, change: { before: { status: before.status }, after: { status } } };
  });
  return Response.json({ replay: await readStore(database, undefined, (reader) => readBatch(reader, id)) });
};
