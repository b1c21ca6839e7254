import * as z from 'zod';
import { HOOK_SCHEMES } from '../jobs/hook-schemes.ts';
import { JOB_PAYLOAD_LIMIT_BYTES, sourceName } from '../jobs/job.ts';
import { everyFunction } from './every-function.ts';
import { json } from './values.ts';

export const HOOK_DEFAULTS = { maxBytes: 262_144, toleranceSeconds: 300 } as const;

/** One source of hooks. Variables are few kilobytes, so what is the default is left out. */
const receivedHook = z.strictObject({
  source: sourceName,
  scheme: z.enum(HOOK_SCHEMES),
  tool: z.string().min(1),
  argument: z.string().optional(),
  tenant: z.string().optional(),
  /** The name of its secret among those of the function. */
  secret: z.string().min(1),
  maxBytes: z.int().max(JOB_PAYLOAD_LIMIT_BYTES).default(HOOK_DEFAULTS.maxBytes),
  toleranceSeconds: z.int().default(HOOK_DEFAULTS.toleranceSeconds),
});
export type ReceivedHook = z.output<typeof receivedHook>;
export type ReceivedHookInput = z.input<typeof receivedHook>;

/** Runs outside the database's network, and answers anybody: it verifies who sends. */
export const hooksEnv = z.object({
  ...everyFunction,
  /** JSON: the sources. */
  HOOKS: json(z.array(receivedHook)),
  /** The address of the queue of accepted jobs. */
  JOB_QUEUE: z.string().min(1),
  /** How often a job is tried. */
  JOB_ATTEMPTS: z.coerce.number().int().min(1),
  /** JSON: where the secrets of its senders are stored. */
  TOOLWATCH_SECRETS: z.string().min(1),
});
export type HooksEnv = z.infer<typeof hooksEnv>;
