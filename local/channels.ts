import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Certificate } from '../emulator/certificate.ts';
import { CHANNEL_TYPES, type ChannelType } from '../lambdas/contract/channel-settings.ts';
import { secretNameOf } from '../lib/settings/alert-channel-settings.ts';
import type { SettingsInput } from '../lib/settings.ts';
import type { ShownMessage } from './receivers/receiver.ts';
import { reachAt, receivers } from './receivers/receivers.ts';
import { serveReceiver } from './receivers/serve-receiver.ts';

type ChannelsInput = NonNullable<NonNullable<SettingsInput['alerts']>['channels']>;

/** What a channel shows now. */
export interface ShownChannel {
  readonly channel: ChannelType;
  readonly messages: readonly ShownMessage[];
}

/** A channel of each kind, with a stand-in for its vendor on this machine. */
export interface LocalChannels {
  readonly settings: ChannelsInput;
  /** The values of their secrets, by the names that the settings give them. */
  readonly secrets: Readonly<Record<string, string>>;
  shown(): ShownChannel[];
  stop(): Promise<void>;
}

const startChannel = async (type: ChannelType, certificate: Certificate, folder: string) => {
  const reachable = receivers[type](randomBytes(16).toString('hex'));
  const served = await serveReceiver(reachable.receiver, certificate, join(folder, `${type}-port`));
  const { settings, secret } = reachAt(type, reachable, served.host);
  return {
    type,
    served,
    settings: { name: type, type, allowPrivateAddresses: true, ...settings },
    secret: [secretNameOf({ name: type }), secret] as const,
  };
};

/** Starts stand-ins for all vendors. They keep their ports in `folder`, so that a second start has the same settings. */
export const startChannels = async (certificate: Certificate, folder: string): Promise<LocalChannels> => {
  const channels = await Promise.all(CHANNEL_TYPES.map((type) => startChannel(type, certificate, folder)));
  return {
    settings: channels.map(({ settings }) => settings) as ChannelsInput,
    secrets: Object.fromEntries(channels.map(({ secret }) => secret)),
    shown: () => channels.map(({ type, served }) => ({ channel: type, messages: served.receiver.board.all() })),
    stop: async () => {
      await Promise.all(channels.map(({ served }) => served.stop()));
    },
  };
};
