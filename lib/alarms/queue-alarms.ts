import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { awsMetric } from '../metrics.ts';
import { InvalidSettings, type QueueLimits } from '../settings.ts';
import { type AlarmContext, addAlarm, type MetricAlarmSpec } from './alarm.ts';

/** A queue of work whose backlog somebody wants to hear of. */
export interface MonitoredQueue extends QueueLimits {
  /** In its alarms' names. */
  readonly name: string;
  /** As SQS knows it. */
  readonly queueName: string;
  readonly owner?: string | undefined;
}

/** Five minutes on end: what a batch brings and workers clear before is their ordinary work. */
const MINUTES = 5;

/** Adds a queue's alarms: the depth that is a warning, the one that wakes, and the age of what waits longest. Throws `WrongSettings`. */
export function addQueueAlarms(scope: Construct, context: AlarmContext, queue: MonitoredQueue): void {
  const { name, queueName, owner, warningDepth, criticalDepth, oldestMinutes } = queue;
  if (warningDepth >= criticalDepth) {
    throw new InvalidSettings(
      `Setting queues: ${name} would wake somebody at ${criticalDepth} messages before it warns at ${warningDepth}; write warningDepth < criticalDepth.`,
    );
  }
  const add = (promise: Pick<MetricAlarmSpec, 'name' | 'severity' | 'means' | 'threshold'>, metricName: string) => {
    const reading = { statistic: 'Maximum', period: Duration.minutes(1) };
    const metric = awsMetric('AWS/SQS', metricName, { QueueName: queueName }, reading);
    addAlarm(scope, context, { ...promise, owner, metric, badWindows: MINUTES, windows: MINUTES });
  };
  const [depth, age] = ['ApproximateNumberOfMessagesVisible', 'ApproximateAgeOfOldestMessage'] as const;
  const filling = `More than ${warningDepth} messages have waited in ${name} for five minutes.`;
  add({ name: `queue/${name}/filling`, severity: 'warning', means: filling, threshold: warningDepth }, depth);
  const flooded = `More than ${criticalDepth} messages have waited in ${name} for five minutes: whoever works on them is gone or far too slow.`;
  add({ name: `queue/${name}/flooded`, severity: 'critical', means: flooded, threshold: criticalDepth }, depth);
  const waiting = `What waits longest in ${name} has waited for more than ${oldestMinutes} minutes.`;
  add({ name: `queue/${name}/waiting`, severity: 'warning', means: waiting, threshold: oldestMinutes * 60 }, age);
}
