import * as z from 'zod';
import { expectedSchedule, expectedSubscription, expectedTopic } from '../self-check.ts';
import { everyFunction } from './every-function.ts';
import { json } from './values.ts';

/** Runs outside the database's network, like the notifier: it must work when the database does not. */
export const selfCheckEnv = z.object({
  ...everyFunction,
  /** The name of the notifier's table. */
  STATE_TABLE: z.string().min(1),
  /** What the deployment puts before its alarms' names. */
  ALARM_PREFIX: z.string().optional(),
  /** JSON: what must start functions, hand over lines, and have recipients. */
  SCHEDULES: json(z.array(expectedSchedule)),
  SUBSCRIPTIONS: json(z.array(expectedSubscription)),
  TOPICS: json(z.array(expectedTopic)),
});
export type SelfCheckEnv = z.infer<typeof selfCheckEnv>;
