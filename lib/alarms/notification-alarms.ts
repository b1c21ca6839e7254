import type { AwsMetricName } from '../metric-audit/aws-metrics.ts';
import { awsMetric } from '../metrics.ts';
import type { AlarmContext, OptionalAlarmSpec } from './alarm-spec.ts';
import { isFull } from './monitoring.ts';
import { messagesIn, SUM, totalOf } from './pipeline.ts';

/** The alarm on notifications that reached no recipient. */
export function notificationAlarms({ settings, topics }: AlarmContext): OptionalAlarmSpec[] {
  const { undelivered } = topics;
  const names = new Set(topics.measured.map(({ topicName }) => topicName));
  const ofTopics = (name: AwsMetricName<'AWS/SNS'>) =>
    [...names].map((TopicName) => awsMetric('AWS/SNS', name, { TopicName }, SUM));
  if (!undelivered && names.size === 0) return [];
  return [
    {
      name: 'pipeline/notifications-undelivered',
      severity: 'critical',
      notifiesAllSeverities: true,
      means: 'A notification of an alarm did not reach one of its recipients.',
      // SNS counts a webhook's attempt as failed even if the next one succeeds. Only the queue holds what was given up.
      metric: totalOf(
        'undelivered',
        undelivered
          ? [
              messagesIn(undelivered),
              ...(isFull(settings) ? ofTopics('NumberOfNotificationsFailedToRedriveToDlq') : []),
            ]
          : ofTopics('NumberOfNotificationsFailed'),
      ),
      threshold: 0,
      essential: true,
    },
  ];
}
