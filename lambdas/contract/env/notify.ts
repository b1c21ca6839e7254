import * as z from 'zod';
import { notifiedChannel } from '../channels.ts';
import { noticeLinks } from '../notice-links.ts';
import { MAILED_DEPLOYMENTS } from '../notices/mailed-deployments.ts';
import { everyFunction } from './every-function.ts';
import { json } from './values.ts';

const severityTopics = z.object({
  /** ARN of the topic that alarms publish to. */
  inbox: z.string().min(1),
  /** ARN of the topic of people and pagers. */
  recipients: z.string().min(1),
});

/** Runs outside the database's network: it must work when the database does not. */
export const notifyEnv = z.object({
  ...everyFunction,
  /** The table's name. */
  STATE_TABLE: z.string().min(1),
  /** JSON: the topics of each severity. */
  NOTIFY_TOPICS: json(z.object({ critical: severityTopics, warning: severityTopics })),
  /** What the deployment puts before its alarms' names. */
  ALARM_PREFIX: z.string().optional(),
  /** The length of the windows of its alarms: what people are notified of waits, and is held open, by these. */
  WINDOW_SECONDS: z.coerce.number().positive(),
  /** The function that says what the store knows about an incident. */
  API_FUNCTION: z.string().min(1),
  /** JSON: what the links of notices are made from. */
  NOTICE_LINKS: json(noticeLinks),
  /** JSON: the channels that notices are sent to, beside the topics. */
  CHANNELS: json(z.array(notifiedChannel)).optional(),
  /** The ARN of its queue of custom notices. */
  CUSTOM_NOTICES_QUEUE: z.string().min(1),
  /** The name of the stack whose end is that of a deployment. */
  LAST_STACK: z.string().min(1),
  /** Which notices of deployments go to the topic of warnings. */
  MAILED_DEPLOYMENTS: z.enum(MAILED_DEPLOYMENTS),
});
export type NotifyEnv = z.infer<typeof notifyEnv>;
