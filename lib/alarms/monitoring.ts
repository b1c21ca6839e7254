import type { Settings } from '../settings.ts';
import type { MetricAlarmSpec, OptionalAlarmSpec } from './alarm-spec.ts';

/** Whether the deployment also has the early warnings and the dashboard. Lean monitoring has neither. */
export const isFull = ({ monitoring }: Pick<Settings, 'monitoring'>): boolean => monitoring === 'full';

/** The specs that the setting `monitoring` includes. */
export const selectAlarms = (
  settings: Pick<Settings, 'monitoring'>,
  specs: readonly OptionalAlarmSpec[],
): readonly MetricAlarmSpec[] => specs.filter(({ essential = false }) => essential || isFull(settings));
