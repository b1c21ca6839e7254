import * as z from 'zod';
import { everyFunction } from './every-function.ts';

/** Runs outside the database's network, so it queries the api. */
export const reportEnv = z.object({
  ...everyFunction,
  API_FUNCTION: z.string().min(1),
  OPERATE_FUNCTION: z.string().min(1),
  /** The address of the notifier's queue of custom notices. */
  CUSTOM_NOTICES_QUEUE: z.string().min(1),
  /** Whose clocks say when a week begins. */
  TIME_ZONE: z.string().min(1),
  /** Whether the recipients of warnings get it by mail. */
  MAILED: z.enum(['yes', 'no']),
});
export type ReportEnv = z.infer<typeof reportEnv>;
