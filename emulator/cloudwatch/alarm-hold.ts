import type { Clock } from '../clock.ts';

/** Why an alarm tells nobody, in CloudWatch's words. */
export type SuppressedBy = 'WaitPeriod' | 'Alarm' | 'ExtensionPeriod';

interface HoldOptions {
  clock: Clock;
  /** Is the suppressor in ALARM? */
  isOn: () => boolean;
  waitMs: number;
  extensionMs: number;
}

/**
 * What a suppressor does to a composite alarm's actions, documented under "Suppressing composite alarm actions". Each change of
 * state waits for the suppressor to come on; while it is on nothing is told; after it went off the alarm has time to follow.
 * When no period runs any more, the actions of the state the alarm is in then are taken. A change of state within a period begins
 * a new wait.
 */
export const createHold = ({ clock, isOn, waitMs, extensionMs }: HoldOptions) => {
  let by: SuppressedBy | undefined;
  let pending: (() => void) | undefined;
  let cancel = () => {};

  const release = () => {
    by = undefined;
    const tell = pending;
    pending = undefined;
    tell?.();
  };
  const hold = (reason: SuppressedBy, ms?: number) => {
    cancel();
    by = reason;
    cancel = ms === undefined ? () => {} : clock.after(ms, release);
  };

  return {
    /** Takes these actions when nothing holds them; those of an earlier state that still waited are never taken. */
    tell: (actions: () => void): void => {
      pending = actions;
      if (isOn()) hold('Alarm');
      else hold('WaitPeriod', waitMs);
    },

    /** To be asked whenever the suppressor may have changed its state. */
    look: (): void => {
      if (isOn() && by !== 'Alarm') hold('Alarm');
      if (!isOn() && by === 'Alarm') hold('ExtensionPeriod', extensionMs);
    },

    by: (): SuppressedBy | undefined => by,
  };
};

export type Hold = ReturnType<typeof createHold>;
