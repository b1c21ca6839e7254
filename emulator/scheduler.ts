import * as z from 'zod';
import { parseSchedule } from '../lambdas/contract/schedule-expression.ts';
import { AwsError } from './aws-error.ts';
import type { Clock } from './clock.ts';
import { nameOf, type ResourceHandler, resourceHandler } from './cloudformation/resource-handler.ts';
import type { Iam } from './iam/iam.ts';
import type { Answer } from './lambda/environment.ts';
import type { Lambda } from './lambda/lambda.ts';
import type { Sqs } from './sqs.ts';

interface SchedulerOptions {
  clock: Clock;
  iam: Iam;
  lambda: Lambda;
  sqs: Sqs;
}

const properties = z.strictObject({
  Description: z.string().optional(),
  Name: z.string().optional(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.literal('UTC').default('UTC'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  FlexibleTimeWindow: z.object({ Mode: z.literal('OFF') }),
  Target: z.strictObject({
    Arn: z.string(),
    RoleArn: z.string(),
    Input: z.string().default('{}'),
    RetryPolicy: z
      .object({ MaximumRetryAttempts: z.int().default(185), MaximumEventAgeInSeconds: z.int().default(86_400) })
      .prefault({}),
    DeadLetterConfig: z.object({ Arn: z.string() }).optional(),
  }),
});
type Target = z.output<typeof properties>['Target'];

const RETRY_MS = 60_000;
const SERVICE = 'scheduler.amazonaws.com';

/** Starts functions by the clock, each start under the schedule's own role. Nothing starts before `start()`. */
export const createScheduler = ({ clock, iam, lambda, sqs }: SchedulerOptions) => {
  const schedules: { expression: string; target: Target }[] = [];
  const cancels = new Set<() => void>();

  /** What concerns a failure to start; how the function then fares is the function's own affair. */
  const fire = (target: Target, tries = 0): void => {
    try {
      iam.assume(target.RoleArn, SERVICE);
      lambda.enqueue({ principal: { role: target.RoleArn }, function: target.Arn, event: target.Input });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const isForGood = error.code === 'AccessDeniedException' || error.code === 'ResourceNotFoundException';
      if (!isForGood && tries < target.RetryPolicy.MaximumRetryAttempts) {
        clock.after(RETRY_MS, () => fire(target, tries + 1));
        return;
      }
      giveUp(target);
    }
  };

  const giveUp = ({ DeadLetterConfig, RoleArn, Input }: Target): void => {
    if (!DeadLetterConfig) return;
    try {
      sqs.send({ role: RoleArn }, DeadLetterConfig.Arn, Input);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error; // the refusal has been reported; the start is lost, as it would be
    }
  };

  const arm = (expression: string, target: Target) => {
    const next = parseSchedule(expression, clock.now());
    const schedule = (time: number | undefined) => {
      if (time === undefined) return;
      const cancel = clock.after(time - clock.now(), () => {
        cancels.delete(cancel);
        schedule(next(time));
        fire(target);
      });
      cancels.add(cancel);
    };
    schedule(next(clock.now()));
    // A rate counts from the schedule's creation, and begins with it.
    if (expression.startsWith('rate')) fire(target);
  };

  return {
    /** What is started. */
    targets: (): readonly Target[] => schedules.map(({ target }) => target),

    /** Throws `AwsError` when a target's role may not start it. */
    authorizeStart: ({ Arn, RoleArn }: Target): void => {
      iam.assume(RoleArn, SERVICE);
      iam.authorize({ principal: { role: RoleArn }, action: 'lambda:InvokeFunction', resource: Arn });
    },

    /** Starts a target now, under its role, and waits for its answer. Throws `AwsError` when the role may not. */
    runNow: ({ Arn, RoleArn, Input }: Target): Promise<Answer> => {
      iam.assume(RoleArn, SERVICE);
      return lambda.invoke({ principal: { role: RoleArn }, function: Arn, event: Input });
    },

    start: (): void => {
      for (const { expression, target } of schedules) arm(expression, target);
    },
    stop: (): void => {
      for (const cancel of cancels) cancel();
    },

    rules: {
      'AWS::Scheduler::Schedule': resourceHandler(
        properties,
        ({ Name, ScheduleExpression, State, Target }, declared) => {
          parseSchedule(ScheduleExpression, 0);
          if (State === 'ENABLED') schedules.push({ expression: ScheduleExpression, target: Target });
          return { ref: Name ?? nameOf(declared) };
        },
      ),
    } satisfies Record<string, ResourceHandler>,
  };
};
