import type { ToolEnv } from '../lambdas/contract/env/tool.ts';
import type { Bundles } from './bundle.ts';
import { deploymentNameOf } from './deployment-name.ts';
import type { Network } from './function.ts';
import type { ListedTool } from './listed-tool.ts';
import type { Settings } from './settings.ts';

/** What every part of the stack is made from. */
export interface Deployment {
  readonly settings: Settings;
  readonly tools: readonly ListedTool[];
  readonly bundles: Bundles;
  /** The deployment's name on every line: the setting, or else the code's fingerprint. */
  readonly version: string;
  /** Where functions are that need no database; undefined outside of any network. */
  readonly network: Network | undefined;
}

/** The environment variables that every function has. */
export const commonVariables = ({ settings, version }: Deployment) =>
  ({
    POWERTOOLS_SERVICE_NAME: deploymentNameOf(settings),
    TOOLWATCH_ENVIRONMENT: settings.environment,
    TOOLWATCH_VERSION: version,
  }) satisfies Partial<ToolEnv>;

/** The key under which a function writes users' ids. */
export const userHashKeyVariable = ({ userHashKey }: Pick<Settings, 'userHashKey'>) =>
  (userHashKey ? { TOOLWATCH_USER_HASH_KEY: userHashKey } : {}) satisfies Partial<ToolEnv>;

/** The environment variables of a function that writes lines of calls. */
export const callWriterVariables = (deployment: Deployment) => {
  const { alarms, labelRules } = deployment.settings;
  return {
    ...commonVariables(deployment),
    ...userHashKeyVariable(deployment.settings),
    ...(alarms.callerFaultShift ? { TOOLWATCH_CALLER_ERROR_METRIC: 'on' } : {}),
    ...(labelRules.length > 0 ? { TOOLWATCH_LABEL_RULES: JSON.stringify(labelRules) } : {}),
  } satisfies Partial<ToolEnv>;
};

/** The name of the function of one part of the stack. */
export const functionNameOf = ({ settings }: Pick<Deployment, 'settings'>, part: string): string =>
  `${deploymentNameOf(settings)}-${part}`;

/** What the names of tools' functions begin with; the gateway puts the same prefix before a tool's name. */
export const toolFunctionPrefix = (deployment: Pick<Deployment, 'settings'>): string =>
  functionNameOf(deployment, 'tool-');
