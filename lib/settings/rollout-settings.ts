import * as z from 'zod';

const PERCENT = 'write 1 to 99';
const MINUTES = 'write 1 to 2880';

export const rolloutSettings = z
  .union(
    [
      z.literal('all-at-once'),
      z.strictObject({
        kind: z
          .enum(['linear', 'canary'])
          .describe('`linear`: `percent` more of the calls each step. `canary`: `percent` first, then the rest.'),
        percent: z.int(PERCENT).min(1, PERCENT).max(99, PERCENT).describe('The share of calls that a step moves.'),
        everyMinutes: z.int(MINUTES).min(1, MINUTES).max(2_880, MINUTES).describe('The time between two steps.'),
      }),
    ],
    'write all-at-once, or kind (linear or canary), percent (1 to 99) and everyMinutes (1 to 2880)',
  )
  .default('all-at-once')
  .describe(
    "How a tool's new version takes over. When an alarm of the tool or of its provider fires meanwhile, the previous " +
      'version takes over again.',
  );

export type RolloutSettings = z.output<typeof rolloutSettings>;
export type GradualRollout = Exclude<RolloutSettings, 'all-at-once'>;

/** How many times `everyMinutes` pass between the first call of the new version and the last of the old one. */
const stepsOf = ({ kind, percent }: GradualRollout): number => (kind === 'canary' ? 1 : Math.ceil(100 / percent) - 1);

interface Windows {
  periodSeconds: number;
  badWindows: number;
}

/**
 * How many minutes a tool's alarms may take to fire: `slow` waits for one more window, and no window begins with a
 * deployment.
 */
const minutesToFire = ({ periodSeconds, badWindows }: Windows): number => ((badWindows + 2) * periodSeconds) / 60;

/** A shift that ends before the alarms could stop it, in a sentence that says what to write. */
export const validateRolloutSettings = (rollout: RolloutSettings, alarms: Windows): string[] => {
  if (rollout === 'all-at-once') return [];
  const steps = stepsOf(rollout);
  const needed = minutesToFire(alarms);
  if (steps * rollout.everyMinutes >= needed) return [];
  return [
    `Setting rollout: the shift is over after ${steps * rollout.everyMinutes} minutes, but a tool's alarms may take ` +
      `${needed} to fire; write everyMinutes: ${Math.ceil(needed / steps)} or more, or a shorter alarms.periodSeconds.`,
  ];
};

/** The same shift, faster by as much as alarms with the windows `to` are faster than with `from`. */
export const speedUpRollout = (rollout: RolloutSettings, from: Windows, to: Windows): RolloutSettings => {
  if (rollout === 'all-at-once') return rollout;
  const everyMinutes = Math.ceil((rollout.everyMinutes * minutesToFire(to)) / minutesToFire(from));
  return { ...rollout, everyMinutes };
};
