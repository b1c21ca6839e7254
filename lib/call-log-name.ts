import { deploymentNameOf, type NamingSettings } from './deployment-name.ts';

export interface CallLogSettings extends NamingSettings {
  /** The log group of calls, where it is not one of ours. */
  readonly callLogName?: string | undefined;
}

/** The name of the log group of calls. */
export const callLogName = (settings: CallLogSettings): string =>
  settings.callLogName ?? `/${deploymentNameOf(settings)}/calls`;
