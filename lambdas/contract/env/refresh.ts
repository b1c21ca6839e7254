import * as z from 'zod';
import { database } from './database.ts';
import { everyFunction } from './every-function.ts';

export const refreshEnv = z.object({
  ...everyFunction,
  ...database,
  /** The share of failures, 0 to 1, that is allowed to names without limits of their own. */
  OTHER_ERROR_RATE: z.coerce.number().gt(0).lt(1),
});
export type RefreshEnv = z.infer<typeof refreshEnv>;
