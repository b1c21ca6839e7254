import * as z from 'zod';
import { acceptedJob } from './job.ts';

/** What of a schedule's job is the same every time. */
export const scheduledJob = acceptedJob.pick({ tool: true, tenant_id: true, max_attempts: true, sync: true }).extend({
  arguments: z.record(z.string(), z.unknown()),
});
export type ScheduledJob = z.infer<typeof scheduledJob>;

/** What a schedule starts `collect` with. */
export const scheduledStart = z.strictObject({
  schedule: z.string().min(1),
  /** When it was to start: the same however often one start is delivered. */
  scheduled_at: z.iso.datetime(),
});
