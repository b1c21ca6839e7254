import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { MINUTE_MS } from '../contract/durations.ts';

/** What a topic did with all messages of some minutes. CloudWatch shows it some minutes later. */
export interface TopicCounts {
  readonly published: number;
  readonly delivered: number;
  /** Deliveries that a filter of the subscription left out. */
  readonly filtered: number;
  /**
   * Deliveries that were given up, whether or not the dead-letter queue took them. An attempt that failed and will be
   * repeated is counted by another metric, and proves nothing.
   */
  readonly givenUp: number;
}

const METRICS = {
  published: ['NumberOfMessagesPublished'],
  delivered: ['NumberOfNotificationsDelivered'],
  filtered: ['NumberOfNotificationsFilteredOut'],
  givenUp: ['NumberOfNotificationsRedrivenToDlq', 'NumberOfNotificationsFailedToRedriveToDlq'],
} as const satisfies Record<keyof TopicCounts, readonly string[]>;

/** Of the topic with this name, since the minute of a time. */
export const readTopicCounts = async (
  cloudwatch: CloudWatchClient,
  topic: string,
  sinceMs: number,
): Promise<TopicCounts> => {
  const names = Object.values(METRICS).flat();
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(Math.floor(sinceMs / MINUTE_MS) * MINUTE_MS),
      EndTime: new Date(Date.now() + MINUTE_MS),
      MetricDataQueries: names.map((MetricName) => ({
        Id: `m_${MetricName}`,
        MetricStat: {
          Metric: { Namespace: 'AWS/SNS', MetricName, Dimensions: [{ Name: 'TopicName', Value: topic }] },
          Period: 60,
          Stat: 'Sum',
        },
      })),
    }),
  );
  const sumOf = (metrics: readonly string[]): number =>
    MetricDataResults.filter(({ Id = '' }) => metrics.includes(Id.slice('m_'.length)))
      .flatMap(({ Values = [] }) => Values)
      .reduce((sum, value) => sum + value, 0);
  return {
    published: sumOf(METRICS.published),
    delivered: sumOf(METRICS.delivered),
    filtered: sumOf(METRICS.filtered),
    givenUp: sumOf(METRICS.givenUp),
  };
};
