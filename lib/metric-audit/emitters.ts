import type { Kind } from '../../lambdas/contract/vocabulary.ts';
import { deploymentNameOf, type NamingSettings } from '../deployment-name.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import type { Settings } from '../settings.ts';
import type { Emitters } from './metric-problems.ts';

const PROBE: Kind = 'probe';

/** Whose lines a deployment of these tools with these settings has. */
export const emittersOf = (
  settings: NamingSettings & Pick<Settings, 'probes' | 'alarms' | 'alerts' | 'jobs'>,
  tools: readonly MonitoredTool[],
): Emitters => ({
  service: deploymentNameOf(settings),
  tools: [...tools.map(({ name }) => name), ...settings.probes.map(({ name }) => `${PROBE}/${name}`)],
  providers: tools.flatMap(({ provider }) => provider ?? []),
  channels: settings.alerts.channels.map(({ name }) => name),
  with: { callerFaultShift: settings.alarms.callerFaultShift, jobs: settings.jobs !== false },
});
