import type { Clock } from '../clock.ts';

/** Why a composite alarm takes no actions, in CloudWatch's words. */
export type SuppressionReason = 'WaitPeriod' | 'Alarm' | 'ExtensionPeriod';

interface SuppressionOptions {
  clock: Clock;
  isSuppressorInAlarm: () => boolean;
  waitMs: number;
  extensionMs: number;
}

/**
 * How another alarm, the suppressor, suppresses a composite alarm's actions: documented under "Suppressing composite
 * alarm actions". After each change of the composite alarm's state its actions wait, so that the suppressor can go into
 * ALARM first. While the suppressor is in ALARM no actions are taken. After it has left ALARM an extension period gives
 * the composite alarm time to follow. When no period runs any more, the actions of the state that the composite alarm
 * then has are taken. A change of state within a period begins a new wait.
 */
export const createSuppression = ({ clock, isSuppressorInAlarm, waitMs, extensionMs }: SuppressionOptions) => {
  let reason: SuppressionReason | undefined;
  let pendingActions: (() => void) | undefined;
  let cancelRelease = () => {};

  const release = () => {
    reason = undefined;
    const takeActions = pendingActions;
    pendingActions = undefined;
    takeActions?.();
  };
  const suppress = (because: SuppressionReason, ms?: number) => {
    cancelRelease();
    reason = because;
    cancelRelease = ms === undefined ? () => {} : clock.after(ms, release);
  };

  return {
    /** Takes these actions once nothing suppresses them. Actions of an earlier state that still wait are dropped. */
    request: (takeActions: () => void): void => {
      pendingActions = takeActions;
      if (isSuppressorInAlarm()) suppress('Alarm');
      else suppress('WaitPeriod', waitMs);
    },

    /** To be called whenever the suppressor may have changed its state. */
    update: (): void => {
      const isInAlarm = isSuppressorInAlarm();
      if (isInAlarm && reason !== 'Alarm') suppress('Alarm');
      if (!isInAlarm && reason === 'Alarm') suppress('ExtensionPeriod', extensionMs);
    },

    reason: (): SuppressionReason | undefined => reason,
  };
};

export type Suppression = ReturnType<typeof createSuppression>;
