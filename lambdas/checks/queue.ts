import { type CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { MINUTE_MS } from '../contract/durations.ts';
import type { QueueCheck } from '../contract/health/declarations.ts';
import { type CheckFinding, unhealthy } from '../observe/health/finding.ts';

/** How far back a figure may be, in minutes: SQS publishes them each minute, with some delay. */
const RECENT_MINUTES = 10;

const METRICS = { depth: 'ApproximateNumberOfMessagesVisible', age: 'ApproximateAgeOfOldestMessage' } as const;

interface QueueFigures {
  depth: number | undefined;
  /** Of the oldest message, in seconds. */
  age: number | undefined;
}

const readFigures = async (
  cloudwatch: CloudWatchClient,
  { queue, timeoutSeconds }: QueueCheck,
  now: number,
): Promise<QueueFigures> => {
  const { MetricDataResults = [] } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(now - RECENT_MINUTES * MINUTE_MS),
      EndTime: new Date(now + MINUTE_MS),
      ScanBy: 'TimestampDescending',
      MetricDataQueries: Object.entries(METRICS).map(([Id, MetricName]) => ({
        Id,
        MetricStat: {
          Metric: { Namespace: 'AWS/SQS', MetricName, Dimensions: [{ Name: 'QueueName', Value: queue }] },
          Period: 60,
          Stat: 'Maximum',
        },
      })),
    }),
    { abortSignal: AbortSignal.timeout(timeoutSeconds * 1_000) },
  );
  const latest = (id: keyof typeof METRICS) => MetricDataResults.find(({ Id }) => Id === id)?.Values?.[0];
  return { depth: latest('depth'), age: latest('age') };
};

/** How a queue is doing by its figures. Without any, it is unused for six hours or does not exist: nobody can tell. */
export const evaluateQueue = ({ depth, age }: QueueFigures, limits: QueueCheck): CheckFinding => {
  if (depth === undefined) return { status: 'unknown', message: 'SQS publishes no figures of this queue' };
  const oldestMinutes = Math.floor((age ?? 0) / 60);
  const message = `${depth} messages wait${depth > 0 && age !== undefined ? `, the oldest for ${oldestMinutes} min` : ''}`;
  if (depth > limits.criticalDepth) return unhealthy('too_many_messages', message);
  const isSlow = depth > 0 && (age ?? 0) > limits.oldestMinutes * 60;
  return { status: depth > limits.warningDepth || isSlow ? 'degraded' : 'ok', message };
};

/** How many messages wait in the queue, and for how long, by the metrics of SQS. Throws when they cannot be read. */
export const checkQueue = async (cloudwatch: CloudWatchClient, check: QueueCheck, now: number): Promise<CheckFinding> =>
  evaluateQueue(await readFigures(cloudwatch, check, now), check);
