import * as z from 'zod';
import { findRetiredEndpoint } from './channel-hosts.ts';

/**
 * What the settings say about each kind of channel, beside its name, its secret and its filters. Everybody who may read
 * the stack can read it; what must stay secret is in `channel-secrets.ts`.
 */

export const CHANNEL_TYPES = [
  'slack-webhook',
  'slack-bot',
  'pagerduty',
  'teams',
  'jsm',
  'discord',
  'google-chat',
  'webhook',
] as const;
export type ChannelType = (typeof CHANNEL_TYPES)[number];

/** Those whose answer can prove that people see a notice; of the others it is only known that they took it. */
export const PROVING_TYPES: readonly ChannelType[] = ['slack-webhook', 'slack-bot', 'discord', 'google-chat'];

/** The host of a vendor's API, where an address of one's own is not the secret. */
const host = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/, 'write the name of a host, such as api.atlassian.com')
  .superRefine((name, context) => {
    const retired = findRetiredEndpoint(name);
    if (retired !== undefined) context.addIssue({ code: 'custom', message: retired });
  });

/** Headers that are ours, or that belong to the connection. */
const RESERVED =
  /^(webhook-.*|host|connection|content-(type|length|encoding)|transfer-encoding|te|trailer|upgrade|expect|proxy-.*)$/i;

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~\w-]{1,100}$/, 'write the name of an HTTP header')
  .refine((name) => !RESERVED.test(name), 'this header is set by the sender');

/** Headers of a request by their names, for settings and for a secret. */
export const headers = z
  .record(headerName, z.string().regex(/^[ -~]{0,4000}$/, 'write printable ASCII characters'))
  .refine((record) => Object.keys(record).length <= 20, 'write at most 20 headers')
  .default({});

/** The settings of each kind of channel. */
export const channelSettings = {
  'slack-webhook': z.strictObject({}),
  'slack-bot': z.strictObject({
    channel: z
      .string()
      .regex(/^[CDG][A-Z0-9]{7,20}$/, 'write the id of the channel, such as C024BE91L, not its name')
      .describe('The id of the Slack channel: in its details, below.'),
    host: host.default('slack.com').describe('Where the Slack API is; `slack-gov.com` for GovSlack.'),
  }),
  pagerduty: z.strictObject({
    host: host
      .default('events.pagerduty.com')
      .describe('Where the account’s events go; `events.eu.pagerduty.com` for accounts in the EU.'),
  }),
  teams: z.strictObject({
    shape: z
      .enum(['message', 'card'])
      .default('message')
      .describe(
        'What the workflow expects: `message` for the template "Send webhook alerts to a channel", `card` for a flow ' +
          'that posts the body itself as an Adaptive Card.',
      ),
  }),
  jsm: z.strictObject({
    host: host.default('api.atlassian.com').describe('Where the alert API is.'),
    responders: z
      .array(
        z.strictObject({
          type: z.enum(['team', 'user', 'escalation', 'schedule']).describe('What the responder is.'),
          id: z.string().min(1).max(100).describe('Its id.'),
        }),
      )
      .max(50)
      .default([])
      .describe('Who responds to alerts. Default: whom the integration says.'),
    tags: z
      .array(z.string().min(1).max(50))
      .max(20)
      .default([])
      .describe('Tags of every alert, by which routing rules can find them.'),
  }),
  discord: z.strictObject({
    threadId: z
      .string()
      .regex(/^\d{15,22}$/, 'write the id of the thread: 15 to 22 digits')
      .optional()
      .describe('The thread in the channel that messages go to. Default: the channel itself.'),
  }),
  'google-chat': z.strictObject({}),
  webhook: z.strictObject({
    headers: headers.describe('Headers of every request. Those that are secret belong into the secret.'),
  }),
} as const satisfies Record<ChannelType, z.ZodObject>;

export type ChannelSettings<Type extends ChannelType> = z.output<(typeof channelSettings)[Type]>;
