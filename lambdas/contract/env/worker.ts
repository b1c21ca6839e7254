import * as z from 'zod';
import { callWriter } from './every-function.ts';
import { json } from './values.ts';

export const workerEnv = z.object({
  ...callWriter,
  /** The name of the function `jobs`. */
  JOBS_FUNCTION: z.string().min(1),
  /** A tool's function is named this prefix followed by the tool's name. */
  TOOL_FUNCTION_PREFIX: z.string().min(1),
  /** How many jobs may run at the same time. */
  CONCURRENCY: z.coerce.number().int().min(1),
  /** JSON: the argument that gets the body, of the sources that have one. */
  ARGUMENTS: json(z.record(z.string(), z.string())),
});
export type WorkerEnv = z.infer<typeof workerEnv>;
