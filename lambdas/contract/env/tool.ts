import * as z from 'zod';
import { callWriter } from './every-function.ts';
import { tenants } from './front-door.ts';

/** For a tool's function, which also gets the variables that its facts list in `settings`. */
const toolEnv = z.object({
  ...callWriter,
  API_FUNCTION: z.string().optional(),
  TOOLWATCH_TENANTS: tenants.optional(),
  /** The address of the notifier's queue of custom notices, for a tool that notifies people. */
  CUSTOM_NOTICES_QUEUE: z.string().optional(),
  /** JSON: where the secrets that the tool reads are stored. */
  TOOLWATCH_SECRETS: z.string().optional(),
});
export type ToolEnv = z.infer<typeof toolEnv>;
