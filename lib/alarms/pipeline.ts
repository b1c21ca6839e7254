import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { MonitoredDatabase } from '../database/database-server.ts';
import { awsMetric } from '../metrics.ts';
import type { Settings } from '../settings.ts';
import type { AlarmContext } from './alarm-spec.ts';

/** What the pipeline's alarms watch. */
export interface Pipeline extends AlarmContext {
  readonly settings: AlarmContext['settings'] & Pick<Settings, 'refreshMinutes'>;
  /** Of the subscription that hands lines to ingest. */
  readonly filterName: string;
  /** Absent where tools are not called through ours. */
  readonly gateway?: lambda.IFunction;
  readonly ingest: lambda.IFunction;
  readonly refresh: lambda.IFunction;
  readonly retention: lambda.IFunction;
  /** Absent where days are dropped without being archived. */
  readonly archive?: lambda.IFunction | undefined;
  readonly api: lambda.IFunction;
  readonly missedStarts: readonly sqs.IQueue[];
  /** Whether completeness is deployed, which measures every hour how many calls arrived. */
  readonly completeness: boolean;
  readonly database: MonitoredDatabase;
}

const FIVE_MINUTES = Duration.minutes(5);

/** Readings over five minutes. */
export const SUM = { statistic: 'Sum', period: FIVE_MINUTES };
export const MAXIMUM = { statistic: 'Maximum', period: FIVE_MINUTES };
export const MINIMUM = { statistic: 'Minimum', period: FIVE_MINUTES };

/** The sum of several metrics; one that is missing counts as zero. */
export const totalOf = (label: string, metrics: readonly cloudwatch.IMetric[]): cloudwatch.MathExpression =>
  new cloudwatch.MathExpression({
    expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    label,
    period: FIVE_MINUTES,
  });

/** How many messages a queue holds. */
export const messagesIn = (queue: sqs.IQueue): cloudwatch.Metric =>
  awsMetric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: queue.queueName }, MAXIMUM);
