import * as z from 'zod';
import { reason } from '../alert-rules/rule.ts';
import { moment, storedText, toolName } from '../queries.ts';
import { JOB_STATUSES } from './job.ts';
import { listedJob } from './reports.ts';

/** Replays of all jobs that a filter finds, at a rate: what the operator asks, and what the api function answers. */

const count = z.int().min(0);
const time = z.iso.datetime();

/** The most jobs that one bulk replay makes. */
const MAX_JOBS = 10_000;
const MAX_PER_MINUTE = 10_000;
/** How many of the jobs that would be replayed are shown. */
export const EXAMPLES_SHOWN = 5;

/** The id of a bulk replay, as a path takes it. */
export const bulkReplayId = z.guid('write the id of a bulk replay, a UUID');

const wholeNumber = (max: number) => {
  const advice = `write a whole number from 1 to ${max}`;
  return z.int(advice).min(1, advice).max(max, advice);
};

/** Jobs that are over; those that wait or are held back need no replay. */
const replayFilter = z.strictObject({
  status: z.enum(['error', 'processed'], 'write error or processed').describe('Jobs that stand so.'),
  source: storedText('write the name of a source').optional(),
  tool: toolName.optional(),
  error_code: storedText('write the code of an error').optional(),
  from: moment.optional().describe('Only jobs that were received at this time or later.'),
  to: moment.optional().describe('Only jobs that were received before this time. Default: now.'),
});
export type ReplayFilter = z.output<typeof replayFilter>;

/** POST /v1/job-replays */
export const bulkReplayRequest = z
  .strictObject({
    filter: replayFilter,
    dry_run: z.boolean('write true or false').default(false).describe('Only count, and change nothing.'),
    cap: wholeNumber(MAX_JOBS).optional().describe('How many jobs at most, those received first before others.'),
    per_minute: wholeNumber(MAX_PER_MINUTE).optional().describe('How many of them are due in a minute.'),
    reason,
  })
  .superRefine(({ dry_run, cap, per_minute, reason: why }, context) => {
    if (dry_run) return;
    const needed = { cap, per_minute, reason: why };
    for (const [field, value] of Object.entries(needed))
      if (value === undefined)
        context.addIssue({ code: 'custom', path: [field], message: 'write it, or `"dry_run": true`' });
  });

export const bulkReplay = z.object({
  batch_id: z.guid(),
  filter: replayFilter,
  per_minute: count,
  jobs: count.describe('How many it made.'),
  status: z
    .enum(['running', 'aborted', 'over'])
    .describe('`over`: none of its jobs waits or runs. Jobs of one that is aborted wait.'),
  requested_by: z.string(),
  requested_at: time,
  changed_at: time,
  by_status: z.object(
    Object.fromEntries(JOB_STATUSES.map((status) => [status, count])) as Record<Status, typeof count>,
  ),
  ends_at: time.nullable().describe('When the last of those that wait is due; null where none waits.'),
});
type Status = (typeof JOB_STATUSES)[number];
export type BulkReplay = z.infer<typeof bulkReplay>;

/** What a bulk replay makes, or would. */
export const startedBulkReplay = z.object({
  matching: count.describe('Jobs that fit the filter.'),
  replayed_already: count.describe('Those of them that have a replay already, and get no second one.'),
  erased: count.describe('Those of the others whose payload was erased.'),
  jobs: count.describe('How many jobs this request made; with `dry_run`, how many can be replayed.'),
  examples: z.array(listedJob).describe(`With \`dry_run\`, the first ${EXAMPLES_SHOWN} that would be replayed.`),
  replay: bulkReplay.nullable(),
});

export const bulkReplayReport = z.object({ replay: bulkReplay });

/** PUT /v1/job-replays/{id}/status */
export const bulkReplaySwitch = z.strictObject({
  status: z.enum(['aborted', 'running'], 'write aborted or running'),
  reason,
});
