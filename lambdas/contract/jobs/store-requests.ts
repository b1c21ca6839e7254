import * as z from 'zod';
import { isStorable } from '../limits.ts';
import { acceptedJob } from './job.ts';

const storable = z.string().refine(isStorable, 'it has a NUL or half of a surrogate pair');

/** How many jobs one request may name. */
const MAX_JOBS_OF_REQUEST = 100;

/**
 * What the function `jobs` is asked by `collect` and `worker`, which invoke it directly. Each request is one transaction.
 */
export const jobsRequest = z.discriminatedUnion('do', [
  /** Stores jobs, each once however often it comes. */
  z.strictObject({ do: z.literal('store'), jobs: z.array(acceptedJob).min(1).max(MAX_JOBS_OF_REQUEST) }),
  /**
   * Claims up to `limit` due jobs, the longest due first, whose source, tool and batch are not held. Before that, what
   * was claimed and whose lease has ended becomes due again, or ends in error where it may not be repeated.
   */
  z.strictObject({
    do: z.literal('claim'),
    lease_id: z.uuid(),
    limit: z.int().min(1).max(MAX_JOBS_OF_REQUEST),
    /** How long the lease lasts, by tool, in seconds; jobs of other tools are not claimed. */
    lease_seconds: z.record(z.string(), z.int().min(1).max(1_000)),
    /** The tools whose jobs may be made again when nobody knows whether they were. */
    repeatable: z.array(z.string()),
    /** All tools. A job of another one, which has been due for an hour, ends in error: nobody would ever make it. */
    deployed: z.array(z.string()),
  }),
  /** Says what became of claimed jobs. What names another lease than the job has now changes nothing. */
  z.strictObject({
    do: z.literal('finish'),
    lease_id: z.uuid(),
    jobs: z
      .array(
        z.strictObject({
          job_id: z.uuid(),
          /** Absent where the job was no call. */
          call_id: z.uuid().optional(),
          error: z.strictObject({ code: storable.max(64), message: storable.max(4_096) }).optional(),
          /** When to try again; absent where it is over. */
          retry_at: z.iso.datetime().optional(),
        }),
      )
      .min(1)
      .max(MAX_JOBS_OF_REQUEST),
  }),
  /** Says how far a claimed job has come, and claims it for so many seconds more. */
  z.strictObject({
    do: z.literal('progress'),
    lease_id: z.uuid(),
    job_id: z.uuid(),
    percent: z.number().min(0).max(100).optional(),
    message: storable.max(500).optional(),
    lease_seconds: z.int().min(1).max(1_000),
  }),
  /** Counts the jobs of all sources. */
  z.strictObject({ do: z.literal('measure') }),
]);
export type JobsRequest = z.input<typeof jobsRequest>;
/** A request by what it asks for. */
export type JobsRequestTo<Do extends JobsRequest['do']> = Extract<JobsRequest, { do: Do }>;

/** A job that the worker may make now. */
const claimedJob = acceptedJob.omit({ due_at: true }).extend({
  /** This attempt's number, from 1. */
  attempt: z.int().min(1),
  /** The call of the job that this one replays. */
  replays_call: z.uuid().optional(),
});
export type ClaimedJob = z.infer<typeof claimedJob>;

/** What jobs there are. */
const jobFigures = z.strictObject({
  /** Jobs that wait and are due, or run. */
  depth: z.int(),
  /** Since when the longest due of those that wait is due, in seconds. */
  oldest_seconds: z.number(),
  /** Jobs for later. */
  later: z.int(),
  quarantined: z.int(),
  /** Came to be in error in the last five minutes, so that a run that is missed hides none. */
  newly_failed: z.int(),
  /** Came to be processed in the last minute, and how long they took since they were received, on average. */
  processed: z.int(),
  processing_ms: z.number().nullable(),
});
export type JobFigures = z.infer<typeof jobFigures>;

/** The answers, by what was asked. */
export interface JobsAnswers {
  store: { stored: string[]; known: string[] };
  /** Fewer than asked for also where more would be too large an answer; none where none is due. */
  claim: { jobs: ClaimedJob[] };
  /** Those of which the lease was still held. */
  finish: { finished: string[] };
  progress: { held: boolean };
  measure: JobFigures;
}
