import { HOOK_DEFAULTS, type ReceivedHookInput } from '../../lambdas/contract/env/hooks.ts';
import type { HookSettings } from '../settings/job-settings.ts';
import type { Settings } from '../settings.ts';
import { locateSecrets, type SecretSettings } from '../tools/tool-secrets.ts';
import { hookReaders, hookSecretNameOf, hookSecretSettings } from './hook-secrets.ts';

/** What is the default is left out: all variables of a function have 4,096 bytes. */
const toReceived = (hook: HookSettings): ReceivedHookInput => {
  const { source, scheme, tool, argument, tenant, maxBytes, toleranceSeconds } = hook;
  return {
    source,
    scheme,
    tool,
    secret: hookSecretNameOf(hook),
    ...(argument !== undefined && { argument }),
    ...(tenant !== undefined && { tenant }),
    ...(maxBytes !== HOOK_DEFAULTS.maxBytes && { maxBytes }),
    ...(toleranceSeconds !== HOOK_DEFAULTS.toleranceSeconds && { toleranceSeconds }),
  };
};

/** The variables that say which sources there are, and where their secrets are stored. */
export const hookVariables = (settings: SecretSettings & Pick<Settings, 'hooks'>) => ({
  HOOKS: JSON.stringify(settings.hooks.map(toReceived)),
  TOOLWATCH_SECRETS: JSON.stringify(locateSecrets(hookSecretSettings(settings), hookReaders(settings))),
});
