import * as z from 'zod';
import { everyFunction } from './every-function.ts';

/** Runs outside the database's network, like the smoke test. */
export const completenessEnv = z.object({
  ...everyFunction,
  API_FUNCTION: z.string().min(1),
  TOOL_FUNCTION_PREFIX: z.string().min(1),
});
export type CompletenessEnv = z.infer<typeof completenessEnv>;
