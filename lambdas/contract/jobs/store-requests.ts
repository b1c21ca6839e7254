import * as z from 'zod';
import { acceptedJob } from './job.ts';

/**
 * What the function `jobs` is asked by `collect` and `worker`, which invoke it directly. Each request is one transaction.
 */
export const jobsRequest = z.discriminatedUnion('do', [
  /** Stores jobs, each once however often it comes. */
  z.strictObject({ do: z.literal('store'), jobs: z.array(acceptedJob).min(1).max(100) }),
  /** Claims up to `limit` due jobs, the longest due first, whose source, tool and batch are not held. */
  z.strictObject({
    do: z.literal('claim'),
    lease_id: z.uuid(),
    limit: z.int().min(1).max(100),
    /** How long the lease lasts, by tool, in seconds; jobs of other tools are not claimed. */
    lease_seconds: z.record(z.string(), z.int().min(1).max(1_000)),
  }),
  /** Says what became of claimed jobs. What names another lease than the job has now changes nothing. */
  z.strictObject({
    do: z.literal('finish'),
    lease_id: z.uuid(),
    jobs: z
      .array(
        z.strictObject({
          job_id: z.uuid(),
          call_id: z.uuid(),
          error: z.strictObject({ code: z.string(), message: z.string() }).optional(),
          /** When to try again; absent where it is over. */
          retry_at: z.iso.datetime().optional(),
        }),
      )
      .min(1)
      .max(100),
  }),
  /** Says how far a claimed job has come, and claims it for so many seconds more. */
  z.strictObject({
    do: z.literal('progress'),
    lease_id: z.uuid(),
    job_id: z.uuid(),
    percent: z.number().min(0).max(100).optional(),
    message: z.string().max(500).optional(),
    lease_seconds: z.int().min(1).max(1_000),
  }),
  /** Counts jobs by source. */
  z.strictObject({ do: z.literal('measure') }),
]);
export type JobsRequest = z.infer<typeof jobsRequest>;

/** A job that the worker may make now. */
export const claimedJob = acceptedJob.omit({ due_at: true }).extend({
  /** This attempt's number, from 1. */
  attempt: z.int().min(1),
  /** The call of the job that this one replays. */
  replays_call: z.uuid().optional(),
});
export type ClaimedJob = z.infer<typeof claimedJob>;

/** What jobs of one source there are. */
export const sourceFigures = z.strictObject({
  source: z.string(),
  /** Jobs that wait and are due, or run. */
  depth: z.int(),
  /** Since when the longest due of them waits, in seconds. */
  oldest_seconds: z.number(),
  /** Jobs for later. */
  later: z.int(),
  /** In error or quarantine now, and come to be in error in the last minute. */
  failed: z.int(),
  quarantined: z.int(),
  newly_failed: z.int(),
  /** Came to be processed in the last minute, and how long they took since they were received, on average. */
  processed: z.int(),
  processing_ms: z.number().optional(),
});
export type SourceFigures = z.infer<typeof sourceFigures>;

/** The answers, by what was asked. */
export interface JobsAnswers {
  store: { stored: string[]; known: string[] };
  claim: { jobs: ClaimedJob[] /** Whether more are due. */; more: boolean };
  /** Those of which the lease was still held. */
  finish: { finished: string[] };
  progress: { held: boolean };
  measure: { sources: SourceFigures[] };
}
