import type { Settings } from '../settings.ts';
import type { MetricPromise } from './alarm.ts';

/** A promise of which lean monitoring may do without. */
export interface OptionalPromise extends MetricPromise {
  /** Kept by lean monitoring: something is lost or clients are turned away, and no other alarm says so. */
  readonly essential?: boolean;
}

/** Is more watched than that tools fail or are slow, that something is lost, and that nobody is told? */
export const isFull = ({ monitoring }: Pick<Settings, 'monitoring'>): boolean => monitoring === 'full';

/** Those of the promises that the settings want kept. */
export const kept = (
  settings: Pick<Settings, 'monitoring'>,
  promises: readonly OptionalPromise[],
): readonly MetricPromise[] => promises.filter(({ essential = false }) => essential || isFull(settings));
