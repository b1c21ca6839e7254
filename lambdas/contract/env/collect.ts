import * as z from 'zod';
import { scheduledJob } from '../jobs/scheduled-job.ts';
import { everyFunction } from './every-function.ts';
import { json } from './values.ts';

export const collectEnv = z.object({
  ...everyFunction,
  /** The name of the function `jobs`. */
  JOBS_FUNCTION: z.string().min(1),
  /** The name of the function `worker`. */
  WORKER_FUNCTION: z.string().min(1),
  QUEUE_URL: z.string().min(1),
  DEAD_LETTERS_URL: z.string().min(1),
  /** JSON: the jobs of schedules, by the schedule's name. */
  SCHEDULED_JOBS: json(z.record(z.string(), scheduledJob)),
});
export type CollectEnv = z.infer<typeof collectEnv>;
