import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { deploymentNameOf } from '../deployment-name.ts';
import { awsMetric, pipelineMetric } from '../metrics.ts';
import { QUEUE_LIMITS } from '../settings/alarm-settings.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext, OptionalAlarmSpec } from './alarm-spec.ts';
import { selectAlarms } from './monitoring.ts';
import { MAXIMUM, messagesIn, SUM } from './pipeline.ts';

/** What the alarms on jobs watch. */
interface MonitoredJobs {
  readonly queue: { readonly queue: sqs.IQueue; readonly deadLetters: sqs.IQueue };
  readonly collect: { readonly function: lambda.IFunction };
  readonly missedStarts: sqs.IQueue;
}

const MINUTE = Duration.minutes(1);
/** Five minutes in a row: what the worker clears sooner is normal operation. */
const WINDOWS = 5;

const depthAlarms = ({ settings }: AlarmContext): OptionalAlarmSpec[] => {
  const service = deploymentNameOf(settings);
  const { warningDepth, criticalDepth, oldestMinutes } = QUEUE_LIMITS;
  const inARow = { badWindows: WINDOWS, windows: WINDOWS };
  const depth = pipelineMetric(service, 'jobsDepth', { statistic: 'Maximum', period: MINUTE });
  return [
    {
      ...inARow,
      name: 'jobs/filling',
      severity: 'warning',
      means: `More than ${warningDepth} jobs have been due for five minutes.`,
      metric: depth,
      threshold: warningDepth,
    },
    {
      ...inARow,
      name: 'jobs/flooded',
      severity: 'critical',
      means: `More than ${criticalDepth} jobs have been due for five minutes: they come faster than the worker makes them.`,
      metric: depth,
      threshold: criticalDepth,
    },
    {
      ...inARow,
      name: 'jobs/waiting',
      severity: 'warning',
      means: `A job has been due for more than ${oldestMinutes} minutes.`,
      metric: pipelineMetric(service, 'jobsOldest', { statistic: 'Maximum', period: MINUTE }),
      threshold: oldestMinutes * 60,
    },
  ];
};

/** What accepted jobs have been waiting for, or could not be sent, on their way to the store. */
const countUncollected = ({ queue, collect }: MonitoredJobs) => {
  const ofCollect = { FunctionName: collect.function.functionName };
  const ofQueue = { QueueName: queue.queue.queueName };
  return new cloudwatch.MathExpression({
    expression: `IF(FILL(age, 0) > ${QUEUE_LIMITS.oldestMinutes * 60}, 1, 0) + FILL(failed, 0) + FILL(dropped, 0)`,
    usingMetrics: {
      age: awsMetric('AWS/SQS', 'ApproximateAgeOfOldestMessage', ofQueue, MAXIMUM),
      failed: awsMetric('AWS/Lambda', 'Errors', ofCollect, SUM),
      dropped: awsMetric('AWS/Lambda', 'AsyncEventsDropped', ofCollect, SUM),
    },
    label: 'jobs on their way to the store',
    period: Duration.minutes(5),
  });
};

const specsOf = (context: AlarmContext, jobs: MonitoredJobs): OptionalAlarmSpec[] => {
  const service = deploymentNameOf(context.settings);
  return [
    ...depthAlarms(context),
    {
      name: 'jobs/failed',
      severity: 'warning',
      means: 'A job has failed for good: it is in error, and is not tried again unless somebody replays it.',
      metric: pipelineMetric(service, 'jobsFailed', { statistic: 'Maximum', period: MINUTE }),
      threshold: 0,
      essential: true,
    },
    {
      name: 'jobs/stopped',
      severity: 'critical',
      means: 'The worker has not run for five minutes, or the store does not answer it: no job is made.',
      metric: pipelineMetric(service, 'jobsDepth', { statistic: 'SampleCount', period: MINUTE }),
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      ...{ badWindows: WINDOWS, windows: WINDOWS },
      missingData: 'breaching',
      essential: true,
    },
    {
      name: 'jobs/uncollected',
      severity: 'warning',
      means: `Accepted jobs have not reached the store for ${QUEUE_LIMITS.oldestMinutes} minutes. A queue holds them.`,
      metric: countUncollected(jobs),
      threshold: 0,
      badWindows: 2,
      windows: 3,
      essential: true,
    },
    {
      name: 'jobs/dead-letters',
      severity: 'warning',
      means: 'Messages that are no jobs, or that the store never took, are in the dead-letter queue.',
      metric: messagesIn(jobs.queue.deadLetters),
      threshold: 0,
      essential: true,
    },
    {
      name: 'jobs/starts-missed',
      severity: 'warning',
      means: 'A schedule could not have its job made, or not start the worker. A queue holds the missed start.',
      metric: messagesIn(jobs.missedStarts),
      threshold: 0,
      essential: true,
    },
  ];
};

/** Adds the alarms on jobs. */
export function addJobAlarms(scope: Construct, context: AlarmContext, jobs: MonitoredJobs): void {
  for (const spec of selectAlarms(context.settings, specsOf(context, jobs))) addAlarm(scope, context, spec);
}
