import * as z from 'zod';
import { CHANNEL_TYPES } from './channel-settings.ts';
import { SEVERITIES } from './severity.ts';

/** What the functions of one deployment know of the channels in its settings. */

/** In the names of its queues and alarms, and of its deliveries. */
export const channelName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'write lower-case letters and digits, in words with one hyphen between them')
  .max(24, 'write at most 24 characters');

const noticeType = z
  .string()
  .regex(
    /^[a-zA-Z0-9_]+(\.[a-zA-Z0-9_]+)*$/,
    'write a type of notice, such as incident.opened, or its beginning, incident',
  );

const names = z.array(z.string().min(1)).min(1, 'write at least one, or leave it out').optional();

/** Which notices a channel gets: those that each list here allows. */
export const noticeFilter = {
  severities: z
    .array(z.enum([...SEVERITIES, 'info']))
    .min(1, 'write at least one, or leave it out')
    .optional()
    .describe('`critical`, `warning`, `info`. Default: all.'),
  types: z
    .array(noticeType)
    .min(1, 'write at least one, or leave it out')
    .optional()
    .describe(
      'Types of notices, or what they begin with: `incident`, `incident.opened`, `deployment`, `custom`, `report`; of ' +
        'incidents also `error`, `warning`, `health.changed`, `performance.degraded`. Default: all but `deployment.started` and ' +
        '`deployment.completed`, which PagerDuty gets as change events.',
    ),
  tools: names.describe('Names of tools. Notices that are about no tool are then left out. Default: all.'),
  providers: names.describe('Names of providers, likewise.'),
  tenants: names.describe('Names of tenants, likewise: only notices that name one of these, and no other.'),
};
const noticeFilterSchema = z.strictObject(noticeFilter);
export type NoticeFilter = z.output<typeof noticeFilterSchema>;

/** A channel as the notifier sees it. */
export const notifiedChannel = z.strictObject({
  name: channelName,
  type: z.enum(CHANNEL_TYPES),
  queueUrl: z.string().min(1),
  filter: noticeFilterSchema,
});
export type NotifiedChannel = z.output<typeof notifiedChannel>;

/** A channel as it is delivered to. */
export const deliveredChannel = z.strictObject({
  name: channelName,
  type: z.enum(CHANNEL_TYPES),
  /** ARN. */
  queue: z.string().min(1),
  queueUrl: z.string().min(1),
  deadLettersUrl: z.string().min(1),
  /** The name of its secret in `TOOLWATCH_SECRETS`. */
  secret: z.string().min(1),
  /** What its settings say beside this. */
  settings: z.record(z.string(), z.unknown()),
  allowPrivateAddresses: z.boolean(),
});
export type DeliveredChannel = z.output<typeof deliveredChannel>;

/** The id of the item in the notifier's table that says that a channel is dead. */
export const idOfDeadChannel = (name: string): string => `dead-channel/${name}`;

/** How many batches of one channel run at the same time: the least that Lambda accepts. */
export const CONCURRENT_DELIVERIES = 2;
