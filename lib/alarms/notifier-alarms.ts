import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { NOTIFIER_WORKS } from '../../lambdas/contract/alarms/alarm-name.ts';
import { SEVERITIES } from '../../lambdas/contract/severity.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { awsMetric, pipelineMetric } from '../metrics.ts';
import type { Inbox } from '../topics.ts';
import { addAlarm } from './alarm.ts';
import type { AlarmContext, MetricAlarmSpec } from './alarm-spec.ts';
import { MAXIMUM, messagesIn, SUM } from './pipeline.ts';

/** What the notifier's alarms watch. */
interface MonitoredNotifier {
  readonly inbox: Inbox;
  readonly function: lambda.IFunction;
  readonly queue: sqs.IQueue;
  readonly unread: sqs.IQueue;
  readonly customNotices: sqs.IQueue;
}

const MINUTE = Duration.minutes(1);
/** A notification that waits longer in the queue is not taken: it should be read within seconds. */
const MAX_AGE = Duration.minutes(2);
/** A flood of custom notices is read within minutes, and keeps no alarm waiting. */
const MAX_CUSTOM_AGE = Duration.minutes(30);
/** One minute without a heartbeat may be a start that slipped into the next minute. */
const MINUTES_OF_SILENCE = 3;

/** The composite alarm of the direct path that its state belongs to. */
export const DIRECT_PATH = { critical: 'pipeline/direct-critical', warning: 'pipeline/direct-warning' } as const;

/**
 * The heartbeats of a minute; none while notifications wait in the queue, which a notifier that is started by its
 * schedule alone would not know.
 */
const readHeartbeats = ({ settings }: AlarmContext, { queue }: MonitoredNotifier) =>
  new cloudwatch.MathExpression({
    expression: `IF(FILL(age, 0) > ${MAX_AGE.toSeconds()}, 0, FILL(beats, 0))`,
    usingMetrics: {
      beats: pipelineMetric(deploymentNameOf(settings), 'notifierHeartbeat', { statistic: 'Sum', period: MINUTE }),
      age: awsMetric(
        'AWS/SQS',
        'ApproximateAgeOfOldestMessage',
        { QueueName: queue.queueName },
        { statistic: 'Maximum', period: MINUTE },
      ),
    },
    label: 'runs that prove that the notifier works',
    period: MINUTE,
  });

/** What the notifier could not read; one more while custom notices wait for longer than a flood of them takes. */
const countUnread = ({ unread, inbox, customNotices }: MonitoredNotifier) => {
  const undelivered = SEVERITIES.map((severity) =>
    awsMetric('AWS/SNS', 'NumberOfNotificationsFailed', { TopicName: inbox.bySeverity[severity].topicName }, SUM),
  );
  const age = { QueueName: customNotices.queueName };
  return new cloudwatch.MathExpression({
    expression:
      `FILL(unread, 0) + FILL(critical, 0) + FILL(warning, 0) + ` +
      `IF(FILL(age, 0) > ${MAX_CUSTOM_AGE.toSeconds()}, 1, 0)`,
    usingMetrics: {
      unread: messagesIn(unread),
      ...Object.fromEntries(SEVERITIES.map((severity, index) => [severity, undelivered[index] as cloudwatch.Metric])),
      age: awsMetric('AWS/SQS', 'ApproximateAgeOfOldestMessage', age, MAXIMUM),
    },
    label: 'notifications that the notifier has not read',
    period: Duration.minutes(5),
  });
};

const specsOf = (context: AlarmContext, notifier: MonitoredNotifier): MetricAlarmSpec[] => [
  {
    name: 'pipeline/notifier-stopped',
    severity: 'critical',
    notifiesAllSeverities: true,
    means:
      'The notifier has not worked for three minutes: it does not run, cannot read or write its state, cannot publish, ' +
      'or does not read its queue. Alarms notify you by the direct path meanwhile, without saying which.',
    metric: readHeartbeats(context, notifier),
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    badWindows: MINUTES_OF_SILENCE,
    windows: MINUTES_OF_SILENCE,
    missingData: 'breaching',
  },
  {
    name: 'pipeline/notifier-failing',
    severity: 'warning',
    notifiesAllSeverities: true,
    means: 'Runs of the notifier fail now and then. While others succeed, notifications arrive, but late.',
    metric: awsMetric('AWS/Lambda', 'Errors', { FunctionName: notifier.function.functionName }, SUM),
    threshold: 0,
    badWindows: 2,
    windows: 3,
  },
  {
    name: 'pipeline/notifications-unread',
    severity: 'critical',
    notifiesAllSeverities: true,
    means:
      'Notifications of alarms, events of deployments or custom notices did not reach the notifier, or it could not ' +
      'take them for an hour, or custom notices have waited for half an hour. What it could not take is in a queue.',
    metric: countUnread(notifier),
    threshold: 0,
  },
];

/**
 * Adds the alarms on the notifier, which publish to people and pagers directly, and the one that fires while it works.
 * Returns the name of that one, by which the direct path is silent.
 */
export function addNotifierAlarms(scope: Construct, context: AlarmContext, notifier: MonitoredNotifier): string {
  for (const spec of specsOf(context, notifier)) addAlarm(scope, context, spec);
  addAlarm(scope, context, {
    name: NOTIFIER_WORKS,
    severity: 'warning',
    partOf: DIRECT_PATH.critical,
    means: 'The notifier works: this alarm fires as long as all is well. It notifies nobody.',
    metric: readHeartbeats(context, notifier),
    threshold: 0,
    badWindows: 1,
    windows: MINUTES_OF_SILENCE,
    skipsWarmUp: true,
  });
  return NOTIFIER_WORKS;
}
