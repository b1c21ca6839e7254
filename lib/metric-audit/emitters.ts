import type { Kind } from '../../lambdas/contract/vocabulary.ts';
import type { MonitoredTool } from '../listed-tool.ts';
import type { Settings } from '../settings.ts';
import type { Emitters } from './metric-problems.ts';

const PROBE: Kind = 'probe';

/** Whose lines a deployment of these tools with these settings has. */
export const emittersOf = (
  { service, probes, alarms }: Pick<Settings, 'service' | 'probes' | 'alarms'>,
  tools: readonly MonitoredTool[],
): Emitters => ({
  service,
  tools: [...tools.map(({ name }) => name), ...probes.map(({ name }) => `${PROBE}/${name}`)],
  providers: tools.flatMap(({ provider }) => provider ?? []),
  alarms,
});
