import * as z from 'zod';
import { type DeclaredCheck, declaredCheck, hasDepthsInOrder } from '../../lambdas/contract/health/declarations.ts';

export const checkSettings = z
  .array(declaredCheck)
  .default([])
  .describe(
    'Checks of what the tools depend on, shown in /health and recorded as lines of kind `probe`, for 0.61 dollars ' +
      'per check and month at five minutes; the first costs 0.14 more, and one of a queue 0.18.',
  );

export const checkMinutes = z
  .int()
  .min(1)
  .max(5)
  .default(5)
  .describe('How often all `checks` run, side by side. Between two runs /health shows the latest results.');

/** A function's environment variables hold 4 KB together. */
const MAX_CHARACTERS = 2_800;

/** Checks that cannot be deployed, in sentences that say what to write. */
export const validateCheckSettings = (checks: readonly DeclaredCheck[]): string[] => {
  const queues = checks.filter((check) => check.kind === 'queue');
  const upsideDown = queues.find((check) => !hasDepthsInOrder(check));
  return [
    ...(upsideDown
      ? [
          `Setting checks: the critical depth of ${upsideDown.name} is ${upsideDown.criticalDepth} and its warning ` +
            `depth ${upsideDown.warningDepth}; write warningDepth < criticalDepth.`,
        ]
      : []),
    ...(JSON.stringify(checks).length > MAX_CHARACTERS
      ? [`Setting checks: they take more than ${MAX_CHARACTERS} characters as JSON; write fewer, or shorter addresses.`]
      : []),
  ];
};
