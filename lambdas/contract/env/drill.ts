import * as z from 'zod';
import { channelName } from '../channels.ts';
import { SEVERITIES } from '../severity.ts';
import { everyFunction } from './every-function.ts';
import { json } from './values.ts';

/** A severity whose drill is set off, and who must hear of it. */
const drilledSeverity = z.object({
  severity: z.enum(SEVERITIES),
  /** The ARN of the topic of its recipients, where that can be observed. */
  topic: z.string().min(1).optional(),
  /** The names of its channels. */
  channels: z.array(channelName),
});
export type DrilledSeverity = z.infer<typeof drilledSeverity>;

export const drillEnv = z.object({
  ...everyFunction,
  /** The name of the notifier's table. */
  STATE_TABLE: z.string().min(1),
  /** JSON: each severity that has a recipient or a channel, and who these are. */
  DRILLED: json(z.array(drilledSeverity)),
  /** How long a message may take to arrive everywhere, in seconds. */
  DRILL_TIMEOUT_SECONDS: z.coerce.number().min(1),
});
export type DrillEnv = z.infer<typeof drillEnv>;
