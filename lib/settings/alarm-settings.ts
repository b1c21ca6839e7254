import * as z from 'zod';
import { findRetiredEndpoint } from '../../lambdas/contract/channel-hosts.ts';
import { queueLimits, queueName } from '../../lambdas/contract/health/declarations.ts';
import { MAILED_DEPLOYMENTS } from '../../lambdas/contract/notices/mailed-deployments.ts';
import { parseMute } from '../../lambdas/contract/schedule-expression.ts';
import { OTHER_ERROR_RATE } from '../../lambdas/contract/tool-facts.ts';
import { alertChannelSettings } from './alert-channel-settings.ts';
import { httpsUrl, scheduleExpression, tagValue } from './values.ts';

/**
 * The settings of alarms: who is notified, when they fire, what they watch beside the tools, and when they do not
 * notify.
 */

const email = z.email('write an e-mail address');

const refuseRetiredEndpoint = (url: string, context: z.RefinementCtx): void => {
  const retired = URL.canParse(url) ? findRetiredEndpoint(new URL(url).host) : undefined;
  if (retired !== undefined) context.addIssue({ code: 'custom', message: retired });
};

const recipients = z
  .strictObject({
    emails: z
      .array(email)
      .default([])
      .describe('Each must confirm its subscription, by the link in a message from AWS.'),
    https: z
      .array(httpsUrl.superRefine(refuseRetiredEndpoint))
      .default([])
      .describe(
        'Webhooks; each must confirm its subscription by opening the SubscribeURL it is sent, as paging services do.',
      ),
  })
  .prefault({});

export type QueueLimits = z.output<z.ZodObject<typeof queueLimits>>;
export const QUEUE_LIMITS: QueueLimits = z.object(queueLimits).parse({});

export const alertSettings = z
  .strictObject({
    critical: recipients,
    warning: recipients,
    channels: alertChannelSettings,
    deployments: z
      .enum(MAILED_DEPLOYMENTS)
      .default('failed')
      .describe(
        'Which notices of deployments go to the recipients of `warning`, beside the channels: those that one fails or is ' +
          'rolled back, `all`, or `none`. None of them pages.',
      ),
  })
  .prefault({})
  .describe('The recipients of alarms: someone acts on `critical` immediately, on `warning` in the morning.');

export const alarmSettings = z
  .strictObject({
    periodSeconds: z
      .literal([60, 120, 180, 300, 600, 900], 'write 60, 120, 180, 300, 600 or 900')
      .default(300)
      .describe("The length of one window of a tool's alarms, in seconds."),
    badWindows: z.int().min(1).max(10).default(2).describe('How many of the last `windows` must be bad.'),
    windows: z.int().min(1).max(10).default(3).describe('How many windows an alarm looks back.'),
    fleetErrorRate: z
      .number()
      .gt(0)
      .lt(1)
      .default(OTHER_ERROR_RATE)
      .describe(
        'The share of calls, 0 to 1, that may fail under a name without limits of its own: of deliveries, jobs, requests and ' +
          'other kinds, and of tools that are not listed.',
      ),
    callerFaultShift: z
      .boolean()
      .default(false)
      .describe('Adds the alarm that callers are suddenly at fault more often, for 0.60 dollars per tool and month.'),
    warmUpMinutes: z
      .int()
      .min(0)
      .max(2_880)
      .default(15)
      .describe('How many minutes a new or changed alarm collects data before it may fire.'),
  })
  .prefault({});

const queue = z.strictObject({
  name: queueName.describe('The name of the SQS queue, also in the names of its alarms.'),
  ...queueLimits,
  owner: tagValue.optional().describe('Who acts on its alarms. Default: the setting `owner`.'),
});

export const queueSettings = z
  .array(queue)
  .default([])
  .describe('SQS queues of work to monitor, for 0.30 dollars per queue and month.');

/** What is wrong with the queues that a construct observes, in sentences that say what to write. */
export const invalidQueues = (queues: readonly z.input<typeof queue>[]): string[] => {
  const names = queues.map(({ name }) => name);
  return [
    ...names
      .filter((name, index) => names.indexOf(name) !== index)
      .map((name) => `The queue ${name} is listed twice; rename one of the two.`),
    ...queues.flatMap((given) =>
      (queue.safeParse(given).error?.issues ?? []).map(
        ({ path, message }) => `The queue ${given.name}: ${path.join('.')}: ${message}.`,
      ),
    ),
  ];
};

export const probeSettings = z
  .array(
    z.strictObject({
      name: z
        .string()
        .regex(/^[\w-]{1,48}$/, 'write the name on its lines: letters, digits, _ and -')
        .describe('The name on the lines of the probe.'),
      silentAfterMinutes: z
        .int()
        .min(5)
        .max(1_440)
        .default(15)
        .describe('After how many minutes without a line its alarm fires, and it is `unknown` in /health.'),
      critical: z
        .boolean()
        .default(false)
        .describe('Whether the service is unhealthy in /health when the probe fails.'),
      owner: tagValue.optional().describe('Who acts on its alarms. Default: the setting `owner`.'),
    }),
  )
  .default([])
  .describe('Probes (lines of kind `probe`) that must not fall silent, for 0.10 dollars per probe and month.');

export const muteSettings = z
  .array(
    z.strictObject({
      name: z
        .string()
        .regex(/^[a-z0-9-]+$/, 'write lower-case letters, digits and hyphens')
        .describe('Names the mute in CloudWatch.'),
      reason: z.string().min(1).describe('Why, for those who wonder at the silence.'),
      at: scheduleExpression(parseMute).describe(
        'When it begins, in UTC: repeatedly, with five fields, `cron(0 2 * * 6)`; or once, `at(2027-01-31T02:00)`.',
      ),
      minutes: z.int().min(1).max(21_600).describe('How long it lasts.'),
      alarms: z.array(z.string().min(1)).min(1).describe("Alarms' names; `*` matches anything but a slash."),
    }),
  )
  .default([])
  .describe('Times at which some alarms do not notify.');
