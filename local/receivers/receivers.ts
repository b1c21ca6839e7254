import { type ChannelType, channelSettings } from '../../lambdas/contract/channel-settings.ts';
import { createDiscord } from './discord.ts';
import { createGoogleChat } from './google-chat.ts';
import { createJsm } from './jsm.ts';
import { createPagerduty } from './pagerduty.ts';
import type { Receiver } from './receiver.ts';
import { createSlackBot, createSlackWebhook } from './slack.ts';
import { createTeams } from './teams.ts';
import { createWebhook } from './webhook.ts';

/** A receiver, and what a channel must be given to reach it. */
export interface ReachableReceiver {
  readonly receiver: Receiver;
  /** The channel's settings beside its host. */
  readonly settings: object;
  /** Where its vendor is. */
  readonly host: string;
  /** The value of the channel's secret when the receiver is at an origin. */
  readonly secret: (origin: string) => string;
}

/** A kind whose secret is an address. */
const atAddress = (receiver: Receiver, host: string, settings: object = {}): ReachableReceiver => ({
  receiver,
  settings,
  host,
  secret: (origin) => `${origin}${receiver.path}`,
});

/** A kind whose secret is a key. */
const withKey = (receiver: Receiver, host: string, key: string, settings: object = {}): ReachableReceiver => ({
  receiver,
  settings,
  host,
  secret: () => key,
});

const signingSecretOf = (key: string): string => `whsec_${Buffer.from(key).toString('base64')}`;

const createSignedWebhook = (key: string): ReachableReceiver => {
  const receiver = createWebhook(signingSecretOf(key));
  // As while secrets are changed over: the receiver knows the second only.
  const secrets = [signingSecretOf(key.toLowerCase()), signingSecretOf(key)];
  const headers = { Authorization: `Basic ${key}` };
  return {
    receiver,
    settings: { headers: { 'X-Team': 'tools' } },
    host: 'hooks.example.com',
    secret: (origin) => JSON.stringify({ url: `${origin}${receiver.path}`, secrets, headers }),
  };
};

const WORKFLOWS = 'prod-12.westeurope.logic.azure.com:443';
const BOT_CHANNEL = 'C0123456789';

/** A receiver of each kind of channel; each is protected by the key, which has 32 letters and digits. */
export const receivers = {
  'slack-webhook': (key) => atAddress(createSlackWebhook(`/services/T01234567/B01234567/${key}`), 'hooks.slack.com'),
  'slack-bot': (key) => {
    const token = `xoxb-${key}`;
    return withKey(createSlackBot({ token, channel: BOT_CHANNEL }), 'slack.com', token, { channel: BOT_CHANNEL });
  },
  pagerduty: (key) => withKey(createPagerduty(key), 'events.pagerduty.com', key),
  teams: (key) => atAddress(createTeams('message', key), WORKFLOWS, { shape: 'message' }),
  jsm: (key) => withKey(createJsm(key), 'api.atlassian.com', key),
  discord: (key) => atAddress(createDiscord('100000000000000001', key), 'discord.com'),
  'google-chat': (key) => atAddress(createGoogleChat(key, `${key}2`), 'chat.googleapis.com'),
  webhook: createSignedWebhook,
} satisfies Record<ChannelType, (key: string) => ReachableReceiver>;

/** What a channel is given to reach a receiver at a host of this machine. */
export const reachAt = (type: ChannelType, { settings, secret }: ReachableReceiver, host: string) => ({
  settings: { ...settings, ...('host' in channelSettings[type].shape ? { host } : {}) },
  secret: secret(`https://${host}`),
});

/** A workflow of Teams that posts its body as a card. */
export const createCardWorkflow = (key: string): ReachableReceiver =>
  atAddress(createTeams('card', key), WORKFLOWS, { shape: 'card' });
