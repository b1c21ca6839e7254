import { findHostProblem } from '../../contract/channel-hosts.ts';
import { InvalidChannelSecret, readChannelSecret } from '../../contract/channel-secrets.ts';
import type { ChannelSettings, ChannelType } from '../../contract/channel-settings.ts';
import type { Notice } from '../../contract/notice.ts';
import type { Channel, ChannelAnswer, ChannelConfig, ChannelRequest, Outcome, RequestOptions } from './channel.ts';
import { discord } from './discord.ts';
import { googleChat } from './google-chat.ts';
import { jsm } from './jsm.ts';
import { pagerduty } from './pagerduty.ts';
import { slackBot } from './slack-bot.ts';
import { slackWebhook } from './slack-webhook.ts';
import { teams } from './teams.ts';
import { webhook } from './webhook.ts';

/** Every kind of channel. */
export const channels: { readonly [Type in ChannelType]: Channel<ChannelConfig<Type>> } = {
  'slack-webhook': slackWebhook,
  'slack-bot': slackBot,
  pagerduty,
  teams,
  jsm,
  discord,
  'google-chat': googleChat,
  webhook,
};

/** One channel that can be written to. */
export interface OpenChannel {
  readonly minIntervalMs: number;
  buildRequest(notice: Notice, options: RequestOptions): ChannelRequest | undefined;
  readAnswer(answer: ChannelAnswer, now: number): Outcome;
}

interface ChannelParts<Type extends ChannelType> {
  readonly type: Type;
  readonly settings: ChannelSettings<Type>;
  /** The value of its secret, as it is stored. */
  readonly secret: string;
  readonly allowPrivateAddresses: boolean;
}

/** Throws `InvalidChannelSecret`, with a sentence that does not show the secret, when nothing can be sent with it. */
export const openChannel = <Type extends ChannelType>({
  type,
  settings,
  secret: text,
  allowPrivateAddresses,
}: ChannelParts<Type>): OpenChannel => {
  const host = 'host' in settings ? settings.host : undefined;
  const problem = host && findHostProblem(type, host, { allowPrivateAddresses });
  if (problem) throw new InvalidChannelSecret(`${problem}.`);
  const secret = readChannelSecret(type, text, { allowPrivateAddresses });
  const channel: Channel<ChannelConfig<Type>> = channels[type];
  return {
    minIntervalMs: channel.minIntervalMs,
    buildRequest: (notice, options) => channel.buildRequest(notice, { settings, secret }, options),
    readAnswer: (answer, now) => channel.readAnswer(answer, now),
  };
};
