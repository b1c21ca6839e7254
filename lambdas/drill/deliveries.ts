import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';

export interface Drill {
  /** The topic's name. */
  topic: string;
  /** When the drill began, in milliseconds. */
  startedAt: number;
}

/** How many messages of a topic arrived, and how many were given up, since the minute in which a drill began. */
export interface DeliveryCounts {
  delivered: number;
  failed: number;
}

const DELIVERED = 'NumberOfNotificationsDelivered';
/** Given up, and kept or not. An attempt that failed and will be repeated is counted elsewhere, and proves nothing. */
const GIVEN_UP = ['NumberOfNotificationsRedrivenToDlq', 'NumberOfNotificationsFailedToRedriveToDlq'];

const MINUTE_MS = 60_000;
/** Each look is billed by the metrics it asks for. */
const PAUSE_MS = 10_000;

/** What the topic says now. CloudWatch learns of it some minutes late. */
export const readDeliveryCounts = async (
  cloudwatch: CloudWatchClient,
  { topic, startedAt }: Drill,
): Promise<DeliveryCounts> => {
  const asked = [DELIVERED, ...GIVEN_UP].map((MetricName, at) => ({
    Id: `m${at}`,
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
      MetricDataQueries: asked,
    }),
  );
  const [delivered = 0, ...failed] = asked.map(({ Id }) =>
    (MetricDataResults.find((result) => result.Id === Id)?.Values ?? []).reduce((sum, value) => sum + value, 0),
  );
  return { delivered, failed: failed.reduce((sum, count) => sum + count, 0) };
};

/** Waits until more was told than before, a delivery more failed, or the patience is over. Another alarm's message would do too. */
export const waitForDelivery = async (
  cloudwatch: CloudWatchClient,
  drill: Drill,
  before: DeliveryCounts,
  patienceMs: number,
): Promise<'told' | 'failed' | 'silence'> => {
  const until = performance.now() + patienceMs;
  for (;;) {
    const { delivered, failed } = await readDeliveryCounts(cloudwatch, drill);
    if (failed > before.failed) return 'failed';
    if (delivered > before.delivered) return 'told';
    if (performance.now() > until) return 'silence';
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
};
