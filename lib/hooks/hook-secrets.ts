import type { HookSettings } from '../settings/job-settings.ts';
import type { Settings } from '../settings.ts';
import type { SecretSettings } from '../tools/tool-secrets.ts';

type WithHooks = SecretSettings & Pick<Settings, 'hooks'>;

/** The name of a source's secret. Several sources may have one secret together. */
export const hookSecretNameOf = ({ source, secretName }: Pick<HookSettings, 'source' | 'secretName'>): string =>
  secretName ?? `HOOK_${source.toUpperCase().replaceAll('-', '_')}`;

/** The settings in which the secrets of sources stand as those of tools do. */
export const hookSecretSettings = <Given extends WithHooks>(settings: Given): Given => ({
  ...settings,
  toolSecrets: Object.fromEntries(
    settings.hooks.flatMap((hook) => (hook.secret ? [[hookSecretNameOf(hook), hook.secret]] : [])),
  ),
});

/** Who reads which secret, as tools say it in their facts. */
export const hookReaders = ({ hooks }: Pick<Settings, 'hooks'>) =>
  hooks.map((hook) => ({ name: `the hooks of ${hook.source}`, secrets: [hookSecretNameOf(hook)] }));
