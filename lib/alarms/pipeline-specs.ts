import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { callLogName } from '../call-log.ts';
import type { MonitoredDatabase } from '../database/database-server.ts';
import { awsMetric, type PipelineMetric, pipelineMetric } from '../metrics.ts';
import type { Settings } from '../settings.ts';
import { SEVERITIES } from '../topics.ts';
import type { AlarmContext } from './alarm.ts';
import { isFull, type OptionalAlarmSpec } from './monitoring.ts';

/** What the pipeline's alarms watch. */
export interface Pipeline extends AlarmContext {
  readonly settings: AlarmContext['settings'] & Pick<Settings, 'refreshMinutes'>;
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
  readonly database: MonitoredDatabase;
}

type LinesAndCount = Pick<AlarmContext, 'settings'> & Pick<Pipeline, 'completeness'>;

const FIVE_MINUTES = Duration.minutes(5);

const sum = { statistic: 'Sum', period: FIVE_MINUTES };
const largest = { statistic: 'Maximum', period: FIVE_MINUTES };

const total = (label: string, metrics: readonly cloudwatch.IMetric[]) =>
  new cloudwatch.MathExpression({
    expression: metrics.map((_, index) => `FILL(m${index}, 0)`).join(' + '),
    usingMetrics: Object.fromEntries(metrics.map((metric, index) => [`m${index}`, metric])),
    label,
    period: FIVE_MINUTES,
  });

/** Where somebody counts which calls arrived, the count tells of losses in the end, wherever they are. */
export function lineAlarms({ settings, completeness }: LinesAndCount): OptionalAlarmSpec[] {
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
      essential: !completeness,
    },
    {
      name: 'pipeline/telemetry-dropped',
      severity: 'warning',
      means: 'The wrapper around calls lost lines or fields before they were written.',
      metric: ours(settings.service, 'telemetryDropped'),
      threshold: 0,
      essential: !completeness,
    },
  ];
}

export function ingestAlarms({ settings, filterName, ingest, completeness }: Pipeline): OptionalAlarmSpec[] {
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
      essential: !completeness,
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
      essential: true,
    },
    {
      name: 'pipeline/payloads-lost',
      severity: 'critical',
      means: 'Payloads could neither be stored nor kept. They are only in the log group now.',
      metric: awsMetric('AWS/Lambda', 'DestinationDeliveryFailures', ofIngest, sum),
      threshold: 0,
      essential: true,
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
      essential: true,
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
}: Pipeline): OptionalAlarmSpec[] {
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
            essential: true,
          },
        ]
      : []),
    ...(completeness
      ? [
          {
            name: 'pipeline/incomplete',
            severity: 'warning' as const,
            means:
              'Of all calls in a quarter of an hour, more than one in two hundred became no metric or no row. Or nobody could say.',
            metric: pipelineMetric(settings.service, 'completeness', {
              statistic: 'Minimum',
              // Two starts of the function that says it: one may fail.
              period: Duration.hours(2),
            }),
            threshold: 99.5,
            comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            missingData: 'breaching' as const,
            essential: true,
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
      missingData: 'breaching',
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

export function notificationAlarms({ settings, topics }: Pipeline): OptionalAlarmSpec[] {
  const { undelivered } = topics;
  const ofTopics = (name: string) =>
    SEVERITIES.map((severity) => awsMetric('AWS/SNS', name, { TopicName: topics.bySeverity[severity].topicName }, sum));
  return [
    {
      name: 'pipeline/notifications-undelivered',
      severity: 'critical',
      notifiesAllSeverities: true,
      means: 'Somebody who should have been told was not.',
      // SNS counts an attempt of a webhook's as failed although the next one succeeds; only the queue knows what was given up.
      metric: total(
        'undelivered',
        undelivered
          ? [visibleIn(undelivered), ...(isFull(settings) ? ofTopics('NumberOfNotificationsFailedToRedriveToDlq') : [])]
          : ofTopics('NumberOfNotificationsFailed'),
      ),
      threshold: 0,
      essential: true,
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
