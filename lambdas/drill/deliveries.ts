import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { MINUTE_MS } from '../contract/durations.ts';

export interface Drill {
  /** The topic's name. */
  topic: string;
  /** When the drill began, in milliseconds since 1970. */
  startedAt: number;
}

/** A topic's deliveries since the minute in which a drill began: successful ones, and those that were given up. */
export interface DeliveryCounts {
  delivered: number;
  failed: number;
}

const DELIVERED = 'NumberOfNotificationsDelivered';
/**
 * Deliveries that were given up, whether or not the dead-letter queue took them. An attempt that failed and will be
 * repeated is counted by another metric, and proves nothing.
 */
const GIVEN_UP = ['NumberOfNotificationsRedrivenToDlq', 'NumberOfNotificationsFailedToRedriveToDlq'];

/** Between two reads, in milliseconds; each read is billed by the number of metrics. */
const PAUSE_MS = 10_000;

/** The topic's deliveries so far. CloudWatch shows them with a delay of some minutes. */
export const readDeliveryCounts = async (
  cloudwatch: CloudWatchClient,
  { topic, startedAt }: Drill,
): Promise<DeliveryCounts> => {
  const queries = [DELIVERED, ...GIVEN_UP].map((MetricName, index) => ({
    Id: `m${index}`,
    MetricStat: {
      Metric: { Namespace: 'AWS/SNS', MetricName, Dimensions: [{ Name: 'TopicName', Value: topic }] },
      Period: 60,
      Stat: 'Sum',
    },
  }));
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(Math.floor(startedAt / MINUTE_MS) * MINUTE_MS),
      EndTime: new Date(Date.now() + MINUTE_MS),
      MetricDataQueries: queries,
    }),
  );
  const [delivered = 0, ...failed] = queries.map(({ Id }) =>
    (MetricDataResults.find((result) => result.Id === Id)?.Values ?? []).reduce((sum, value) => sum + value, 0),
  );
  return { delivered, failed: failed.reduce((sum, count) => sum + count, 0) };
};

export type DrillOutcome = 'delivered' | 'failed' | 'timeout';

/**
 * Waits for one more delivery than before, one more failed delivery, or the timeout. Another alarm's notification
 * counts too: it proves the same.
 */
export const waitForDelivery = async (
  cloudwatch: CloudWatchClient,
  drill: Drill,
  before: DeliveryCounts,
  timeoutMs: number,
): Promise<DrillOutcome> => {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const { delivered, failed } = await readDeliveryCounts(cloudwatch, drill);
    if (failed > before.failed) return 'failed';
    if (delivered > before.delivered) return 'delivered';
    if (performance.now() > deadline) return 'timeout';
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
};
