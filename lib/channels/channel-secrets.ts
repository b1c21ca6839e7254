import { type AlertChannel, secretNameOf } from '../settings/alert-channel-settings.ts';
import type { Settings } from '../settings.ts';
import type { SecretSettings } from '../tools/tool-secrets.ts';

type WithChannels = SecretSettings & Pick<Settings, 'alerts'>;

/** The settings in which the secrets of channels stand as those of tools do. */
export const channelSecretSettings = <Given extends WithChannels>(settings: Given): Given => ({
  ...settings,
  toolSecrets: Object.fromEntries(
    settings.alerts.channels.flatMap((channel) => (channel.secret ? [[secretNameOf(channel), channel.secret]] : [])),
  ),
});

const toReader = (channel: AlertChannel) => ({
  name: `the channel ${channel.name}`,
  secrets: [secretNameOf(channel)],
});

/** Who reads which secret, as tools say it in their facts. */
export const channelReaders = ({ alerts }: Pick<Settings, 'alerts'>) => alerts.channels.map(toReader);
