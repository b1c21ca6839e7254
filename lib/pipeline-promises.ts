import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type { AlarmContext, MetricPromise } from './alarm.ts';
import { callLogName } from './call-log.ts';
import { awsMetric, type PipelineMetric, pipelineMetric } from './metrics.ts';
import type { Settings } from './settings.ts';
import { SEVERITIES } from './topics.ts';

/** What the pipeline's alarms watch. */
export interface Pipeline extends AlarmContext {
  readonly settings: AlarmContext['settings'] & Pick<Settings, 'database' | 'refreshMinutes'>;
  readonly filterName: string;
  /** Absent where calls come another way. */
  readonly gateway?: lambda.IFunction;
  readonly ingest: lambda.IFunction;
  readonly refresh: lambda.IFunction;
  readonly retention: lambda.IFunction;
  readonly api: lambda.IFunction;
  readonly missedStarts: readonly sqs.IQueue[];
  /** Whether somebody counts, every hour, how many calls arrived. */
  readonly completeness: boolean;
  readonly databaseDimension: Readonly<Record<string, string>>;
}

const FIVE_MINUTES = Duration.minutes(5);
const GIB = 1_024 ** 3;

const sum = { statistic: 'Sum', period: FIVE_MINUTES };
const largest = { statistic: 'Maximum', period: FIVE_MINUTES };
const smallest = { statistic: 'Minimum', period: FIVE_MINUTES };

const total = (label: string, metrics: readonly cloudwatch.IMetric[]) =>
  new cloudwatch.MathExpression({
    expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    label,
    period: FIVE_MINUTES,
  });

export function lineAlarms({ settings }: Pick<AlarmContext, 'settings'>): MetricPromise[] {
  const ofLog = { LogGroupName: callLogName(settings) };
  return [
    {
      name: 'pipeline/lines-malformed',
      severity: 'critical',
      means: 'CloudWatch could not read metrics from some lines, so alarms do not see those calls.',
      metric: total('lines without metrics', [
        awsMetric('AWS/Logs', 'EMFParsingErrors', ofLog, sum),
        awsMetric('AWS/Logs', 'EMFValidationErrors', ofLog, sum),
      ]),
      threshold: 0,
    },
    {
      name: 'pipeline/telemetry-dropped',
      severity: 'warning',
      means: 'The wrapper around calls lost lines or fields before they were written.',
      metric: ours(settings.service, 'telemetryDropped'),
      threshold: 0,
    },
  ];
}

export function ingestAlarms({ settings, filterName, ingest }: Pipeline): MetricPromise[] {
  const ofFilter = { LogGroupName: callLogName(settings), DestinationType: 'Lambda', FilterName: filterName };
  const ofIngest = { FunctionName: ingest.functionName };
  return [
    {
      name: 'pipeline/delivery-failing',
      severity: 'critical',
      means:
        'Lines are not handed to ingest. What is refused for good is skipped for up to ten minutes and must be replayed.',
      metric: awsMetric('AWS/Logs', 'DeliveryErrors', ofFilter, sum),
      threshold: 0,
    },
    {
      name: 'pipeline/ingest-failing',
      severity: 'warning',
      means: 'Ingest fails again and again; Lambda tries each payload three times, then keeps it.',
      metric: awsMetric('AWS/Lambda', 'Errors', ofIngest, sum),
      threshold: 0,
      badWindows: 2,
      windows: 3,
    },
    {
      name: 'pipeline/payloads-kept',
      severity: 'warning',
      means: 'Payloads could not be stored and lie in the bucket of kept payloads, waiting to be replayed.',
      metric: awsMetric('AWS/Lambda', 'AsyncEventsDropped', ofIngest, sum),
      threshold: 0,
    },
    {
      name: 'pipeline/payloads-lost',
      severity: 'critical',
      means: 'Payloads could neither be stored nor kept. They are only in the log group now.',
      metric: awsMetric('AWS/Lambda', 'DestinationDeliveryFailures', ofIngest, sum),
      threshold: 0,
    },
    {
      name: 'pipeline/ingest-behind',
      severity: 'warning',
      means: 'Payloads wait more than ten minutes for ingest; it is throttled, or too slow for the traffic.',
      metric: awsMetric('AWS/Lambda', 'AsyncEventAge', ofIngest, largest),
      threshold: Duration.minutes(10).toMilliseconds(),
      badWindows: 2,
      windows: 3,
    },
    {
      name: 'pipeline/ingest-rejecting',
      severity: 'warning',
      means: 'Some lines could not be stored as calls; each is kept with its reason.',
      metric: ours(settings.service, 'ingestRejects'),
      threshold: 0,
    },
    {
      name: 'pipeline/ingest-lagging',
      severity: 'warning',
      means: 'Calls reach the database more than ten minutes after they end. Alarms on tools are not affected.',
      metric: pipelineMetric(settings.service, 'ingestLag', largest),
      threshold: 600,
      badWindows: 2,
      windows: 3,
    },
  ];
}

export function functionAlarms({
  settings,
  gateway,
  refresh,
  retention,
  api,
  missedStarts,
  completeness,
}: Pipeline): MetricPromise[] {
  const errorsOf = (fn: lambda.IFunction) => awsMetric('AWS/Lambda', 'Errors', { FunctionName: fn.functionName }, sum);
  const throttlesOf = (fn: lambda.IFunction) =>
    awsMetric('AWS/Lambda', 'Throttles', { FunctionName: fn.functionName }, sum);
  return [
    ...(gateway
      ? [
          {
            name: 'pipeline/gateway-failing',
            severity: 'critical' as const,
            means: 'The gateway itself fails or is throttled, so clients reach no tool.',
            metric: total('failed or refused', [errorsOf(gateway), throttlesOf(gateway)]),
            threshold: 0,
            badWindows: 2,
            windows: 3,
          },
        ]
      : []),
    ...(completeness
      ? [
          {
            name: 'pipeline/incomplete',
            severity: 'warning' as const,
            means:
              'Of all calls in an hour, more than one in two hundred became no metric or no row. Or nobody could say.',
            metric: pipelineMetric(settings.service, 'completeness', {
              statistic: 'Minimum',
              // Two starts of the function that says it: one may fail.
              period: Duration.hours(2),
            }),
            threshold: 99.5,
            comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            silence: 'bad' as const,
          },
        ]
      : []),
    {
      name: 'pipeline/refresh-silent',
      severity: 'warning',
      means:
        'No refresh has gone through without an error for a quarter of an hour or more: the page and reports, or some of them, stand still.',
      metric: finished(refresh, Duration.minutes(Math.max(15, settings.refreshMinutes * 3))),
      threshold: 1,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      silence: 'bad',
    },
    {
      name: 'pipeline/retention-failing',
      severity: 'warning',
      means: 'The daily upkeep of partitions fails. Coming days are made a week ahead, so there is time.',
      metric: errorsOf(retention),
      threshold: 0,
    },
    {
      name: 'pipeline/refresh-failing',
      severity: 'warning',
      means: 'Refreshing fails: the page and reports fall behind.',
      metric: errorsOf(refresh),
      threshold: 0,
      badWindows: 2,
      windows: 3,
    },
    {
      name: 'pipeline/api-failing',
      severity: 'warning',
      means: 'The api function fails or is throttled: the page, reports and telemetry tools do not answer.',
      metric: total('failed or refused', [errorsOf(api), throttlesOf(api)]),
      threshold: 0,
      badWindows: 2,
      windows: 3,
    },
    {
      name: 'pipeline/starts-missed',
      severity: 'warning',
      means: 'The clock could not start a function; the start lies in a queue.',
      metric: total(
        'missed starts',
        missedStarts.map((queue) => visibleIn(queue)),
      ),
      threshold: 0,
    },
  ];
}

export function databaseAlarms({ settings, databaseDimension }: Pipeline): MetricPromise[] {
  const { kind, minCapacity, maxCapacity } = settings.database;
  const crowded: MetricPromise = {
    name: 'pipeline/database-connections',
    severity: 'warning',
    means: 'More connections than all functions together may hold: somebody else is on, or connections leak.',
    metric: awsMetric('AWS/RDS', 'DatabaseConnections', databaseDimension, largest),
    threshold: 40,
    badWindows: 3,
    windows: 3,
  };
  if (kind === 'aurora') {
    return [
      crowded,
      {
        name: 'pipeline/database-tired',
        severity: 'warning',
        means: `The database is as large as its settings let it grow (${maxCapacity} capacity units), and wants more.`,
        // Of a fixed size it always uses all of it; then its processor tells.
        metric: awsMetric(
          'AWS/RDS',
          minCapacity === maxCapacity ? 'CPUUtilization' : 'ACUUtilization',
          databaseDimension,
          smallest,
        ),
        threshold: 90,
        badWindows: 3,
        windows: 3,
      },
    ];
  }
  return [
    {
      name: 'pipeline/database-full',
      severity: 'critical',
      means: 'Less than 2 GiB of the database are free, and growing by itself has not helped.',
      metric: awsMetric('AWS/RDS', 'FreeStorageSpace', databaseDimension, smallest),
      threshold: 2 * GIB,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      badWindows: 3,
      windows: 3,
    },
    {
      name: 'pipeline/database-filling',
      severity: 'warning',
      means: 'At the growth of the last month the database is full within 30 days, grown to its limit.',
      metric: pipelineMetric(settings.service, 'diskFullIn', { statistic: 'Minimum', period: Duration.days(1) }),
      threshold: 30,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    },
    crowded,
    {
      name: 'pipeline/database-tired',
      severity: 'warning',
      means: 'The database has used up its processor credit and will cost more, or slow down.',
      metric: awsMetric('AWS/RDS', 'CPUCreditBalance', databaseDimension, smallest),
      threshold: 20,
      comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
      badWindows: 3,
      windows: 3,
    },
  ];
}

export function notificationAlarms({ topics }: Pipeline): MetricPromise[] {
  const failed = SEVERITIES.map((severity) =>
    awsMetric('AWS/SNS', 'NumberOfNotificationsFailed', { TopicName: topics.of[severity].topicName }, sum),
  );
  const dead = topics.undelivered ? [visibleIn(topics.undelivered)] : [];
  return [
    {
      name: 'pipeline/notifications-undelivered',
      severity: 'critical',
      means: 'Somebody who should have been told was not.',
      metric: total('undelivered', [...failed, ...dead]),
      threshold: 0,
    },
  ];
}

const ours = (service: string, metric: PipelineMetric) => pipelineMetric(service, metric, sum);

/** How often a function was started and did not fail. */
const finished = ({ functionName: FunctionName }: lambda.IFunction, period: Duration) => {
  const reading = { statistic: 'Sum', period };
  return new cloudwatch.MathExpression({
    expression: 'runs - FILL(failed, 0)',
    usingMetrics: {
      runs: awsMetric('AWS/Lambda', 'Invocations', { FunctionName }, reading),
      failed: awsMetric('AWS/Lambda', 'Errors', { FunctionName }, reading),
    },
    label: 'runs without an error',
    period,
  });
};

const visibleIn = (queue: sqs.IQueue) =>
  awsMetric('AWS/SQS', 'ApproximateNumberOfMessagesVisible', { QueueName: queue.queueName }, largest);
