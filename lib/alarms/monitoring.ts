import type { Settings } from '../settings.ts';
import type { MetricAlarmSpec } from './alarm.ts';

/** A promise of which lean monitoring may do without. */
export interface OptionalAlarmSpec extends MetricAlarmSpec {
  /** Kept by lean monitoring: something is lost or clients are turned away, and no other alarm says so. */
  readonly essential?: boolean;
}

/** Is more watched than that tools fail or are slow, that something is lost, and that nobody is told? */
export const isFull = ({ monitoring }: Pick<Settings, 'monitoring'>): boolean => monitoring === 'full';

/** Those of the promises that the settings want kept. */
export const selectAlarms = (
  settings: Pick<Settings, 'monitoring'>,
  promises: readonly OptionalAlarmSpec[],
): readonly MetricAlarmSpec[] => promises.filter(({ essential = false }) => essential || isFull(settings));
