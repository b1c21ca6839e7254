import type { ToolEnv } from '../lambdas/contract/env.ts';
import type { Bundles } from './bundle.ts';
import type { ListedTool } from './listed-tool.ts';
import type { Settings } from './settings.ts';

/** What every part of the stack is made from. */
export interface Deployment {
  readonly settings: Settings;
  readonly tools: readonly ListedTool[];
  readonly bundles: Bundles;
  /** What this deployment is called on every line: the setting, else the code's fingerprint. */
  readonly version: string;
}

/** The variables every function has. */
export const allFunctionNames = ({ settings, version }: Deployment) =>
  ({
    POWERTOOLS_SERVICE_NAME: settings.service,
    TOOLWATCH_ENVIRONMENT: settings.environment,
    TOOLWATCH_VERSION: version,
  }) satisfies Partial<ToolEnv>;

/** The variables of whoever writes lines of calls. */
export const allCallWriterNames = (deployment: Deployment) => {
  const { userHashKey, alarms } = deployment.settings;
  return {
    ...allFunctionNames(deployment),
    ...(userHashKey ? { TOOLWATCH_USER_HASH_KEY: userHashKey } : {}),
    ...(alarms.callerFaultShift ? { TOOLWATCH_CALLER_ERROR_METRIC: 'on' } : {}),
  } satisfies Partial<ToolEnv>;
};

export const functionNameOf = ({ settings }: Pick<Deployment, 'settings'>, part: string): string =>
  `${settings.service}-${part}`;

/** What a tool's function is called; the gateway puts the same prefix before the tool's name. */
export const toolFunctionPrefix = (deployment: Pick<Deployment, 'settings'>): string =>
  functionNameOf(deployment, 'tool-');
