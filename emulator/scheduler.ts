import * as z from 'zod';
import { parseSchedule } from '../lambdas/contract/schedule-expression.ts';
import { findTimeZoneProblem } from '../lambdas/contract/time-zone.ts';
import { AwsError } from './aws-error.ts';
import { type Clock, DAY_MS, MINUTE_MS } from './clock.ts';
import { nameOf, type ResourceHandler, resourceHandler } from './cloudformation/resource-handler.ts';
import type { Iam } from './iam/iam.ts';
import type { InvocationResult } from './lambda/environment.ts';
import type { Lambda } from './lambda/lambda.ts';
import type { Sqs } from './sqs/sqs.ts';

interface SchedulerOptions {
  clock: Clock;
  iam: Iam;
  lambda: Pick<Lambda, 'enqueue' | 'invoke'>;
  sqs: Pick<Sqs, 'send'>;
}

const scheduleProperties = z.strictObject({
  Description: z.string().optional(),
  Name: z.string().optional(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z
    .string()
    .refine((name) => findTimeZoneProblem(name) === undefined, 'it is not the name of a time zone')
    .default('UTC'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  FlexibleTimeWindow: z.object({ Mode: z.literal('OFF') }),
  Target: z.strictObject({
    Arn: z.string(),
    RoleArn: z.string(),
    Input: z.string().default('{}'),
    RetryPolicy: z
      .object({
        MaximumRetryAttempts: z.int().min(0).max(185).default(185),
        MaximumEventAgeInSeconds: z
          .int()
          .min(60)
          .max(DAY_MS / 1_000)
          .default(DAY_MS / 1_000),
      })
      .prefault({}),
    DeadLetterConfig: z.object({ Arn: z.string() }).optional(),
  }),
});
type Target = z.output<typeof scheduleProperties>['Target'];

interface Schedule {
  expression: string;
  timeZone: string;
  target: Target;
}

/** What of an input is replaced at each start, of AWS's context attributes. */
const SCHEDULED_TIME = /<aws\.scheduler\.scheduled-time>/g;
const toSeconds = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');

const RETRY_INTERVAL_MS = MINUTE_MS;
const SERVICE = 'scheduler.amazonaws.com';
const PERMANENT_ERRORS = ['AccessDeniedException', 'ResourceNotFoundException'];

/** Sends the input of a start that failed to the target's dead-letter queue, if it has one. */
const sendToDeadLetterQueue = (sqs: SchedulerOptions['sqs'], { DeadLetterConfig, RoleArn, Input }: Target): void => {
  if (!DeadLetterConfig) return;
  try {
    sqs.send({ role: RoleArn }, DeadLetterConfig.Arn, Input);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error; // IAM has reported the rejection; as on AWS, the input is lost
  }
};

/**
 * Starts a target under its schedule's role. How the function then ends does not concern the schedule. A start that
 * failed is retried until its attempts or its age, which counts from `since`, are used up.
 */
const createStarter = ({ clock, iam, lambda, sqs }: SchedulerOptions, after: Clock['after']) => {
  const startTarget = (target: Target, since = clock.now(), retries = 0): void => {
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = target.RetryPolicy;
    if (clock.now() - since > MaximumEventAgeInSeconds * 1_000) {
      sendToDeadLetterQueue(sqs, target);
      return;
    }
    try {
      iam.assume(target.RoleArn, SERVICE);
      lambda.enqueue({ principal: { role: target.RoleArn }, function: target.Arn, event: target.Input });
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      const mayRetry = !PERMANENT_ERRORS.includes(error.code) && retries < MaximumRetryAttempts;
      if (mayRetry) after(RETRY_INTERVAL_MS, () => startTarget(target, since, retries + 1));
      else sendToDeadLetterQueue(sqs, target);
    }
  };
  return startTarget;
};

/** EventBridge Scheduler: starts functions, each under its schedule's role. Nothing starts before `start()`. */
export const createScheduler = (options: SchedulerOptions) => {
  const { clock, iam, lambda } = options;
  const schedules: Schedule[] = [];
  const cancels = new Set<() => void>();
  /** As the clock's, and cancelled by `stop`. */
  const after: Clock['after'] = (ms, work) => {
    const cancel = clock.after(ms, () => {
      cancels.delete(cancel);
      return work();
    });
    cancels.add(cancel);
    return cancel;
  };
  const startTarget = createStarter(options, after);

  const activate = ({ expression, timeZone, target }: Schedule) => {
    const next = parseSchedule(expression, clock.now(), timeZone);
    const startAt = (time: number) => {
      const Input = target.Input.replaceAll(SCHEDULED_TIME, toSeconds(time));
      startTarget({ ...target, Input }, time);
    };
    const waitUntil = (time: number | undefined) => {
      if (time === undefined) return;
      after(time - clock.now(), () => {
        waitUntil(next(time));
        startAt(time);
      });
    };
    waitUntil(next(clock.now()));
    // A rate counts from the schedule's creation, and its first start is then.
    if (expression.startsWith('rate')) startAt(clock.now());
  };

  return {
    /** The targets of all enabled schedules. */
    targets: (): readonly Target[] => schedules.map(({ target }) => target),

    /** Throws `AwsError` when a target's role may not start it. */
    authorizeStart: ({ Arn, RoleArn }: Target): void => {
      iam.assume(RoleArn, SERVICE);
      iam.authorize({ principal: { role: RoleArn }, action: 'lambda:InvokeFunction', resource: Arn });
    },

    /** Starts a target now, under its role, and waits for its answer. Throws `AwsError` when the role may not. */
    runNow: ({ Arn, RoleArn, Input }: Target): Promise<InvocationResult> => {
      iam.assume(RoleArn, SERVICE);
      const event = Input.replaceAll(SCHEDULED_TIME, toSeconds(clock.now()));
      return lambda.invoke({ principal: { role: RoleArn }, function: Arn, event });
    },

    start: (): void => schedules.forEach(activate),

    stop: (): void => {
      for (const cancel of cancels) cancel();
    },

    handlers: {
      'AWS::Scheduler::Schedule': resourceHandler(
        scheduleProperties,
        ({ Name, ScheduleExpression, ScheduleExpressionTimezone: timeZone, State, Target }, declared) => {
          parseSchedule(ScheduleExpression, 0); // throws for an invalid expression
          if (State === 'ENABLED') schedules.push({ expression: ScheduleExpression, timeZone, target: Target });
          return { ref: Name ?? nameOf(declared) };
        },
      ),
    } satisfies Record<string, ResourceHandler>,
  };
};
