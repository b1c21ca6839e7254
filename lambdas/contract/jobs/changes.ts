import * as z from 'zod';
import { reason } from '../alert-rules/rule.ts';
import { KEY_PATTERN, TEXT_LIMIT_BYTES } from '../limits.ts';
import { instant } from '../time.ts';
import { sourceName } from './job.ts';
import { jobId, listedJob, pause } from './reports.ts';

/** What the operator does with jobs by the api function. */

const count = z.int().min(0);

/** The most jobs of one request. */
const MAX_ASKED = 1_000;
/** What a person's jobs are called whose source is not stated. */
const DEFAULT_SOURCE = 'by-hand';
const FARTHEST_DAYS = 366;

const key = (advice: string) =>
  z.string(advice).min(1, advice).max(TEXT_LIMIT_BYTES, advice).regex(KEY_PATTERN, advice);
const word = z.string().regex(/^[a-z][a-z0-9_-]{0,31}$/, 'write a word such as inbound');
const dueAdvice = `write a time within ${FARTHEST_DAYS} days`;

const askedJob = z.strictObject({
  tool: key('write the name of a tool').describe('What is called.'),
  arguments: z.record(z.string(), z.unknown(), 'write a JSON object').default({}).describe('What it is called with.'),
  due_at: instant
    .refine((at) => Date.parse(at) - Date.now() <= FARTHEST_DAYS * 86_400_000, dueAdvice)
    .optional()
    .describe('Not before, at most a year ahead; at once where it is absent.'),
  source: sourceName.default(DEFAULT_SOURCE).describe('What these jobs are called.'),
  tenant: key('write the name of a tenant').optional().describe('Whose calls they are, where there are tenants.'),
  key: key('write what tells it from other jobs of its source')
    .optional()
    .describe('What its source has one job of: a request that is repeated with the same key makes nothing twice.'),
  sync: z
    .strictObject({ direction: word, entity_type: word })
    .optional()
    .describe('Says that it synchronises, and what: its runs are in `sync_log`.'),
});
export type AskedJob = z.output<typeof askedJob>;

/** POST /v1/jobs */
export const jobsRequest = z.strictObject({
  jobs: z.array(askedJob).min(1, 'write one job or more').max(MAX_ASKED, `write at most ${MAX_ASKED} jobs`),
  reason,
});

export const requestedJobs = z.object({
  stored: count.describe('How many are new.'),
  jobs: z
    .array(z.object({ job_id: jobId, tool: z.string(), key: z.string().nullable(), is_new: z.boolean() }))
    .describe('In the order of the request; `is_new` is false for what was known by its key.'),
});

export const reasonOnly = z.strictObject({ reason });
export const reasonRequired = z.strictObject({ reason: reason.unwrap().min(1, 'write why, in one line') });

/** What a change of a job answers: how it is now. For a replay, the new job. */
export const changedJob = z.object({ job: listedJob });

/** POST /v1/jobs/process-pending: how many retries at most are made due at once. */
export const MAX_HASTENED = 10_000;
export const hastenedJobs = z.object({
  count: count.describe(`How many jobs waited for their next attempt and are due now, at most ${MAX_HASTENED}.`),
});

export const changedPause = z.object({ pause });
export const endedPause = z.object({ ended: pause });
