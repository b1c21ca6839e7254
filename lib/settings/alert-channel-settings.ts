import * as z from 'zod';
import { type CHANNEL_TYPES, channelSettings } from '../../lambdas/contract/channel-settings.ts';
import { channelName, type NoticeFilter, noticeFilter } from '../../lambdas/contract/channels.ts';
import { secretLocation, variableName } from './secret-settings.ts';

/** The settings of channels for notices: where people and pagers read of incidents, beside e-mail. */

/** Each has three alarms, a queue that is polled, and two batches at the same time. */
const MAX_CHANNELS = 10;
/** Lambda's limit for all variables of a function is 4 KB, of which the rest needs some. */
const MAX_CHARACTERS = 2_000;

const ofEveryChannel = {
  name: channelName.describe('In the names of its alarms and queues, and of its deliveries in /v1/webhooks.'),
  secret: secretLocation
    .optional()
    .describe(
      'Where its address, token or key is stored ([what it holds](channels.md)). Default: the stack creates a secret in ' +
        'Secrets Manager, and you give it the value.',
    ),
  secretName: variableName
    .optional()
    .describe(
      'The name of its secret in `.env.local`, and of one that the stack creates, `deploymentName/NAME`. Default: ' +
        '`CHANNEL_` and its name in capitals.',
    ),
  allowPrivateAddresses: z
    .boolean()
    .default(false)
    .describe('Whether it may be at an address that is not on the public internet, and at any host.'),
  ...noticeFilter,
};

const channelOf = <Type extends (typeof CHANNEL_TYPES)[number]>(type: Type) =>
  z.strictObject({
    type: z.literal(type).describe('The kind of channel: docs/channels.md says how each is set up.'),
    ...ofEveryChannel,
    ...(channelSettings[type].shape as (typeof channelSettings)[Type]['shape']),
  });

export const alertChannelSettings = z
  .array(
    z.discriminatedUnion('type', [
      channelOf('slack-webhook'),
      channelOf('slack-bot'),
      channelOf('pagerduty'),
      channelOf('teams'),
      channelOf('jsm'),
      channelOf('discord'),
      channelOf('google-chat'),
      channelOf('webhook'),
    ]),
  )
  .max(MAX_CHANNELS, `write at most ${MAX_CHANNELS} channels`)
  .default([])
  .describe(
    'Chats, pagers and webhooks that get the notices of incidents and of other events, beside the recipients above, for ' +
      '0.70 dollars per channel and month, and 0.40 where the stack creates its secret.',
  );

export type AlertChannel = z.output<typeof alertChannelSettings>[number];

/** The name of a channel's secret. */
export const secretNameOf = ({ name, secretName }: Pick<AlertChannel, 'name' | 'secretName'>): string =>
  secretName ?? `CHANNEL_${name.toUpperCase().replaceAll('-', '_')}`;

/** What a channel says beside what every channel says. */
export const ownSettingsOf = (channel: AlertChannel): Record<string, unknown> =>
  Object.fromEntries(Object.entries(channel).filter(([key]) => key !== 'type' && !Object.hasOwn(ofEveryChannel, key)));

export const filterOf = ({ severities, types, tools, providers, tenants }: AlertChannel): NoticeFilter => ({
  ...(severities && { severities }),
  ...(types && { types }),
  ...(tools && { tools }),
  ...(providers && { providers }),
  ...(tenants && { tenants }),
});

interface WithChannels {
  readonly alerts: { readonly channels: readonly AlertChannel[] };
  readonly tenants: boolean;
  readonly region?: string | undefined;
}

const regionProblem = ({ name, secret }: AlertChannel, region: string | undefined): string[] => {
  const own = secret && 'secret' in secret ? secret.secret.split(':')[3] : undefined;
  return region === undefined || own === undefined || own === region
    ? []
    : [`Setting alerts.channels: the secret of ${name} is in ${own}, and it is read in ${region}; replicate it there.`];
};

/** What is wrong with the channels beside one another and beside other settings, in sentences that say what to write. */
export const validateAlertChannels = ({ alerts: { channels }, tenants, region }: WithChannels): string[] => {
  const secrets = [...new Set(channels.map(secretNameOf))].map(
    (name) => [name, channels.filter((channel) => secretNameOf(channel) === name)] as const,
  );
  const conflicts = secrets.filter(([, group]) => new Set(group.map(({ secret }) => JSON.stringify(secret))).size > 1);
  const characters = JSON.stringify(channels).length;
  return [
    ...conflicts.map(
      ([name, group]) =>
        `Setting alerts.channels: ${group.map((channel) => channel.name).join(' and ')} name the secret ${name}, but ` +
        'store it at different places; write another secretName.',
    ),
    ...channels.flatMap((channel) => regionProblem(channel, region)),
    ...channels
      .filter((channel) => channel.tenants && !tenants)
      .map(
        ({ name }) =>
          `Setting alerts.channels: ${name} is for some tenants, and there are none; write "tenants": true, or leave ` +
          "the channel's tenants out.",
      ),
    ...(characters > MAX_CHARACTERS
      ? [
          `Setting alerts.channels: they take ${characters} characters as JSON, and ${MAX_CHARACTERS} are possible; ` +
            'write fewer, or shorter headers, tags and filters.',
        ]
      : []),
  ];
};

interface KnownNames {
  readonly tools: readonly string[];
  readonly providers: readonly string[];
  /** Names of secrets that tools read. */
  readonly secrets: readonly string[];
}

/** Filters that nothing can pass, and secrets that are a tool's, in sentences that say what to write. */
export const findUnknownInChannels = (channels: readonly AlertChannel[], known: KnownNames): string[] =>
  channels.flatMap((channel) => {
    const { name, tools = [], providers = [] } = channel;
    const unknown = (what: string, named: readonly string[], existing: readonly string[]): string[] =>
      named
        .filter((each) => !existing.includes(each))
        .map(
          (each) =>
            `Setting alerts.channels: ${name} is about the ${what} ${each}, which does not exist; ` +
            `${existing.length > 0 ? `there are ${[...existing].sort().join(', ')}.` : `there is no ${what}.`}`,
        );
    const secret = secretNameOf(channel);
    return [
      ...unknown('tool', tools, known.tools),
      ...unknown('provider', providers, [...new Set(known.providers)]),
      ...(known.secrets.includes(secret)
        ? [`Setting alerts.channels: ${name} has the secret ${secret}, which is a tool's; write another secretName.`]
        : []),
    ];
  });
