import * as z from 'zod';

const wrongPercent = 'write 1 to 99';
const wrongMinutes = 'write 1 to 2880';

/**
 * How a tool's new version takes over: all calls at once; or, `linear`, so many percent of them every so many minutes;
 * or, `canary`, so many percent first and the rest after so many minutes. When the alarms of the tool or of its outside
 * service fire meanwhile, the version before takes over again.
 */
export const rolloutSettings = z
  .union(
    [
      z.literal('all-at-once'),
      z.strictObject({
        kind: z.enum(['linear', 'canary']),
        percent: z.int(wrongPercent).min(1, wrongPercent).max(99, wrongPercent),
        everyMinutes: z.int(wrongMinutes).min(1, wrongMinutes).max(2_880, wrongMinutes),
      }),
    ],
    'write all-at-once, or kind (linear or canary), percent (1 to 99) and everyMinutes (1 to 2880)',
  )
  .default('all-at-once');

export type RolloutSettings = z.output<typeof rolloutSettings>;
export type Gradual = Exclude<RolloutSettings, 'all-at-once'>;

/** Between the first call of the new version and the last of the old, in steps of `everyMinutes`. */
const stepsOf = ({ kind, percent }: Gradual): number => (kind === 'canary' ? 1 : Math.ceil(100 / percent) - 1);

interface Windows {
  periodSeconds: number;
  badWindows: number;
}

/** How long a tool's alarms may take to fire: the slow one waits for a window more, and no window begins with a deployment. In minutes. */
const minutesToFire = ({ periodSeconds, badWindows }: Windows): number => ((badWindows + 2) * periodSeconds) / 60;

export const validateRolloutSettings = (rollout: RolloutSettings, alarms: Windows): string[] => {
  if (rollout === 'all-at-once') return [];
  const steps = stepsOf(rollout);
  const needed = minutesToFire(alarms);
  if (steps * rollout.everyMinutes >= needed) return [];
  return [
    `Setting rollout: the shift is over after ${steps * rollout.everyMinutes} minutes, and a tool's alarms may take ${needed} to fire; write everyMinutes: ${Math.ceil(needed / steps)} or more, or shorter alarms.periodSeconds.`,
  ];
};

/** The same shift, as much quicker as alarms with these windows are than with those. */
export const speedUpRollout = (rollout: RolloutSettings, from: Windows, to: Windows): RolloutSettings => {
  if (rollout === 'all-at-once') return rollout;
  const everyMinutes = Math.ceil((rollout.everyMinutes * minutesToFire(to)) / minutesToFire(from));
  return { ...rollout, everyMinutes };
};
