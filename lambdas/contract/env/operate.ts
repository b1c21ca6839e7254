import * as z from 'zod';
import { everyFunction } from './every-function.ts';
import { frontDoor } from './front-door.ts';

/** Runs outside the database's network: what it changes is in AWS. */
export const operateEnv = z.object({
  ...everyFunction,
  ...frontDoor,
  /** The address of the notifier's queue of custom notices. */
  CUSTOM_NOTICES_QUEUE: z.string().min(1),
  /** The name of the notifier's table. */
  STATE_TABLE: z.string().min(1),
  /** What the deployment puts before its alarms' names. */
  ALARM_PREFIX: z.string().optional(),
});
export type OperateEnv = z.infer<typeof operateEnv>;
