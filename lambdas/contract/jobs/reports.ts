import * as z from 'zod';
import { MAX_ROWS } from '../answer-limits.ts';
import { listedCall } from '../api/calls.ts';
import { next, pageParameters } from '../api/paging.ts';
import { moment, storedText, toolName } from '../queries.ts';
import { JOB_ORIGINS, JOB_STATUSES } from './job.ts';

/** Jobs: what the api function is asked of them, and what it answers. They are as fresh as the store. */

const count = z.int().min(0);
const time = z.iso.datetime();
const seconds = z.number().min(0);

/** The id of a job, as a path takes it. */
export const jobId = z.guid('write the id of a job, a UUID; see /v1/jobs');

const jobSource = storedText('write the name of a source');
const statusAdvice = `write one of ${JOB_STATUSES.join(', ')}`;

/** How many of the calls of a job are shown, and how many synchronisations that failed. */
export const CALLS_OF_A_JOB = 200;
export const SYNC_ERRORS_SHOWN = 20;

/** GET /v1/jobs */
export const jobsQuery = z.strictObject({
  status: z.enum(JOB_STATUSES, statusAdvice).optional().describe('Only jobs that stand so.'),
  source: jobSource.optional().describe('Only jobs of this source.'),
  tool: toolName.optional().describe('Only calls of this tool.'),
  origin: z
    .enum(JOB_ORIGINS, `write one of ${JOB_ORIGINS.join(', ')}`)
    .optional()
    .describe('Only jobs of hooks, of schedules, or of people.'),
  batch_id: z
    .guid('write the id of a bulk replay, a UUID')
    .optional()
    .describe('Only jobs that this bulk replay made.'),
  from: moment.optional().describe('Only jobs that were received at this time or later. Default: all that are stored.'),
  to: moment.optional().describe('Only jobs that were received before this time.'),
  ...pageParameters('jobs'),
});

/** A job as lists show it: all but what arrived. */
export const listedJob = z.object({
  job_id: z.guid().describe('Also the idempotency key and the `correlation_id` of its calls.'),
  origin: z.enum(JOB_ORIGINS),
  source: z.string(),
  delivery_key: z.string().nullable().describe('How its source names it.'),
  tool: z.string(),
  tenant_id: z.string(),
  status: z.enum(JOB_STATUSES),
  received_at: time,
  due_at: time.describe('It is not made before.'),
  attempts: count.describe('How often its tool was called for it.'),
  max_attempts: count,
  direction: z.string().nullable().describe('Of a synchronisation.'),
  entity_type: z.string().nullable().describe('Of a synchronisation.'),
  leased_until: time.nullable().describe('Of one that runs: after this it is due again.'),
  processed_at: time.nullable().describe('When it came to be processed or in error.'),
  error_code: z.string().nullable().describe('Of its last attempt that failed.'),
  error_message: z.string().nullable().describe('Only for the operator.'),
  reason: z.string().nullable().describe('Why it is in quarantine. Only for the operator.'),
  percent: z.number().nullable(),
  progress: z.string().nullable().describe('What its tool said last of how far it has come.'),
  call_id: z.guid().nullable().describe('The `event_id` of the call of its last attempt.'),
  replay_of: z.guid().nullable().describe('The job that it repeats.'),
  replayed_by: z.guid().nullable().describe('The job that repeats it.'),
  batch_id: z.guid().nullable().describe('The bulk replay that made it.'),
  content_type: z.string().nullable(),
  payload_bytes: count,
});
export type ListedJob = z.infer<typeof listedJob>;

export const jobsReport = z.object({ jobs: z.array(listedJob).describe('Those received last first.'), next });
export type JobsReport = z.infer<typeof jobsReport>;

/** GET /v1/jobs/{id} */
export const jobReport = z.object({
  job: listedJob,
  has_payload: z.boolean().describe('False once what arrived was erased.'),
  calls: z
    .array(listedCall)
    .describe(`Its attempts: calls with its id as \`correlation_id\`, earliest first, the newest ${CALLS_OF_A_JOB}.`),
});
export type JobReport = z.infer<typeof jobReport>;

const source = z.object({
  source: z.string(),
  depth: count.describe('Jobs that are due and wait, or that run.'),
  oldest_seconds: seconds.describe('How long the longest due of them waits; 0 where none does.'),
  held: count.describe(
    'Jobs that are due and held back by a pause or by a bulk replay that is aborted. 0 for a tenant.',
  ),
  later: count.describe('Jobs that are not due yet.'),
  running: count,
  failed: count.describe('In error now.'),
  quarantined: count,
  processed: count.describe('In the last 24 hours.'),
  processed_per_hour: z.number().min(0).describe('In the last 24 hours, on average.'),
  failed_24h: count.describe('Came to be in error in the last 24 hours.'),
  processing_ms: z
    .number()
    .nullable()
    .describe('How long those processed in the last 24 hours took since they were received, on average.'),
});
export type JobSource = z.infer<typeof source>;

const queue = z.object({
  tenant_id: z.string(),
  queue: z.string(),
  processed: count,
  failed: count,
  processed_per_hour: z.number(),
  avg_processing_ms: z.number(),
  queue_depth: z.number().nullable().describe('The most that a line said in the last two hours.'),
  oldest_age_seconds: z.number().nullable(),
  last_processed_at: time,
});
export type OtherQueue = z.infer<typeof queue>;

const sync = z.object({
  tenant_id: z.string(),
  direction: z.string(),
  entity_type: z.string(),
  total_operations: count,
  failed_operations: count,
  success_rate: z.number().describe('In percent.'),
  avg_duration_ms: z.number(),
  last_success_at: time.nullable(),
  last_error_at: time.nullable(),
});
export type SyncHealth = z.infer<typeof sync>;

const syncError = z.object({
  event_id: z.guid(),
  tenant_id: z.string(),
  direction: z.string(),
  entity_type: z.string(),
  started_at: time,
  error_code: z.string().nullable(),
  error_message: z.string().nullable().describe('Null for a tenant where the fault is ours or the platform’s.'),
});
export type SyncError = z.infer<typeof syncError>;

/** What jobs are held back by. */
const PAUSE_SCOPES = ['source', 'tool'] as const;
export type PauseScope = (typeof PAUSE_SCOPES)[number];

export const pause = z.object({
  scope: z.enum(PAUSE_SCOPES),
  name: z.string().describe('Of the source, or of the tool.'),
  reason: z.string(),
  paused_by: z.string(),
  paused_at: time,
});
export type Pause = z.infer<typeof pause>;

/** GET /v1/queues */
export const queuesReport = z.object({
  sources: z.array(source).describe(`Sources of jobs, the deepest first, at most ${MAX_ROWS}.`),
  pauses: z
    .array(pause)
    .describe(`Sources and tools whose jobs wait until somebody lets them go on, at most ${MAX_ROWS}.`),
  queues: z
    .array(queue)
    .describe(`Queues by the calls of kind \`job\` in the last 24 hours, by full hours, at most ${MAX_ROWS}.`),
  syncs: z.array(sync).describe(`Synchronisations of the last 24 hours, by full hours, at most ${MAX_ROWS}.`),
  sync_errors: z
    .array(syncError)
    .describe(`The newest that failed in the last 24 hours, at most ${SYNC_ERRORS_SHOWN}.`),
});
export type QueuesReport = z.infer<typeof queuesReport>;
