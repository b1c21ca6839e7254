import * as z from 'zod';
import { everyFunction } from './every-function.ts';

/** Runs outside the database's network, which may have no way to S3. */
export const payloadsEnv = z.object({
  ...everyFunction,
  /** The bucket's name. */
  RETAINED_PAYLOADS: z.string().min(1),
});
export type PayloadsEnv = z.infer<typeof payloadsEnv>;
