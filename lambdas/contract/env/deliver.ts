import * as z from 'zod';
import { deliveredChannel } from '../channels.ts';
import { callWriter } from './every-function.ts';
import { json } from './values.ts';

/** Runs outside the database's network, like the notifier: channels are on the internet. */
export const deliverEnv = z.object({
  ...callWriter,
  /** The name of the notifier's table. */
  STATE_TABLE: z.string().min(1),
  /** JSON: the channels that it delivers to. */
  CHANNELS: json(z.array(deliveredChannel)),
  /** JSON: where the secrets of channels are stored. */
  TOOLWATCH_SECRETS: z.string().min(1),
});
export type DeliverEnv = z.infer<typeof deliverEnv>;
