import type { AcceptedJob } from '../contract/jobs/job.ts';
import type { ScheduledJob } from '../contract/jobs/scheduled-job.ts';
import { createUuidV7 } from '../observe/line/uuid.ts';

/**
 * The job of a schedule's start. One start may be delivered twice, so its time is the delivery's key. Throws for an
 * unknown schedule.
 */
export const toScheduledJob = (
  jobs: Readonly<Record<string, ScheduledJob>>,
  { schedule, scheduled_at }: { schedule: string; scheduled_at: string },
  now: number,
): AcceptedJob => {
  const job = jobs[schedule];
  if (!job) throw new Error(`There is no schedule ${schedule}.`);
  const { arguments: args, ...same } = job;
  return {
    ...same,
    job_id: createUuidV7(now),
    origin: 'schedule',
    source: schedule,
    delivery_key: scheduled_at,
    received_at: new Date(now).toISOString(),
    content_type: 'application/json',
    payload: Buffer.from(JSON.stringify(args)).toString('base64'),
  };
};
