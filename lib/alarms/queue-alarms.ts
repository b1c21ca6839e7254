import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { hasDepthsInOrder } from '../../lambdas/contract/health/declarations.ts';
import type { AwsMetricName } from '../metric-audit/aws-metrics.ts';
import { awsMetric } from '../metrics.ts';
import type { QueueLimits } from '../settings/alarm-settings.ts';
import { InvalidSettings } from '../settings.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext, MetricAlarmSpec } from './alarm-spec.ts';

/** A queue of work whose backlog has alarms. */
export interface MonitoredQueue extends QueueLimits {
  /** In its alarms' names. */
  readonly name: string;
  /** Its name in SQS. */
  readonly queueName: string;
  readonly owner?: string | undefined;
}

/** Five minutes in a row: a batch that workers clear sooner is normal operation. */
const WINDOWS = 5;

/** The beginning of a sentence about more messages than this. */
const beyond = (depth: number): string => (depth > 0 ? `More than ${depth} messages have` : 'Messages have');

/**
 * Adds a queue's alarms: for a depth that is a warning, for one that is critical, and for the age of its oldest
 * message; without the first where any message is critical. Throws `InvalidSettings` when the warning would not come first.
 */
export function addQueueAlarms(scope: Construct, context: AlarmContext, queue: MonitoredQueue): void {
  const { name, queueName, owner, warningDepth, criticalDepth, oldestMinutes } = queue;
  if (!hasDepthsInOrder(queue)) {
    throw new InvalidSettings(
      `Setting queues: the critical depth of ${name} is ${criticalDepth} and its warning depth ${warningDepth}; ` +
        `write warningDepth < criticalDepth.`,
    );
  }
  const add = (
    spec: Pick<MetricAlarmSpec, 'name' | 'severity' | 'means' | 'threshold'>,
    metricName: AwsMetricName<'AWS/SQS'>,
  ) => {
    const reading = { statistic: 'Maximum', period: Duration.minutes(1) };
    const metric = awsMetric('AWS/SQS', metricName, { QueueName: queueName }, reading);
    addAlarm(scope, context, { ...spec, owner, metric, badWindows: WINDOWS, windows: WINDOWS });
  };
  const [depth, age] = ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'] as const;
  if (criticalDepth > 0) {
    const filling = `${beyond(warningDepth)} been waiting in ${name} for five minutes.`;
    add({ name: `queue/${name}/filling`, severity: 'warning', means: filling, threshold: warningDepth }, depth);
  }
  const flooded =
    `${beyond(criticalDepth)} been waiting in ${name} for five minutes: ` +
    (criticalDepth > 0 ? 'its workers are down or far too slow.' : 'it should be empty.');
  add({ name: `queue/${name}/flooded`, severity: 'critical', means: flooded, threshold: criticalDepth }, depth);
  const waiting = `The oldest message in ${name} has been waiting for more than ${oldestMinutes} minutes.`;
  add({ name: `queue/${name}/waiting`, severity: 'warning', means: waiting, threshold: oldestMinutes * 60 }, age);
}
