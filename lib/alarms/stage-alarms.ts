import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import { deploymentNameOf } from '../deployment-name.ts';
import { awsMetric, pipelineMetric } from '../metrics.ts';
import type { OptionalAlarmSpec } from './alarm-spec.ts';
import { messagesIn, type Pipeline, SUM, totalOf } from './pipeline.ts';

const MAX_ROLL_UP_DELAY = Duration.minutes(30);

/** Alarms on the stages beside ingest: that their functions fail, are throttled or do not run. */
export const stageAlarms = (pipeline: Pipeline): OptionalAlarmSpec[] => [
  ...(pipeline.gateway ? [gatewayAlarm(pipeline.gateway)] : []),
  ...(pipeline.completeness ? [completenessAlarm(pipeline)] : []),
  refreshSilentAlarm(pipeline),
  rollUpsBehindAlarm(pipeline),
  retentionSilentAlarm(pipeline),
  {
    name: 'pipeline/retention-failing',
    severity: 'warning',
    means:
      'The daily creation and removal of partitions fails. Partitions exist for two weeks ahead, so there is time.',
    metric: errorsOf(pipeline.retention),
    threshold: 0,
  },
  ...(pipeline.archive ? archiveAlarms(pipeline.settings, pipeline.archive) : []),
  {
    name: 'pipeline/refresh-failing',
    severity: 'warning',
    means: 'Refresh fails: the page and reports fall behind.',
    metric: errorsOf(pipeline.refresh),
    threshold: 0,
    badWindows: 2,
    windows: 3,
  },
  {
    name: 'pipeline/api-failing',
    severity: 'warning',
    means: 'The api function fails or is throttled: the page, reports and telemetry tools do not answer.',
    metric: failedOrThrottled(pipeline.api),
    threshold: 0,
    badWindows: 2,
    windows: 3,
  },
  {
    name: 'pipeline/starts-missed',
    severity: 'warning',
    means: 'A schedule could not start its function. A queue holds the missed start, with the reason.',
    metric: totalOf('missed starts', pipeline.missedStarts.map(messagesIn)),
    threshold: 0,
  },
];

const gatewayAlarm = (gateway: lambda.IFunction): OptionalAlarmSpec => ({
  name: 'pipeline/gateway-failing',
  severity: 'critical',
  means: 'The gateway itself fails or is throttled, so clients reach no tool.',
  metric: failedOrThrottled(gateway),
  threshold: 0,
  badWindows: 2,
  windows: 3,
  essential: true,
});

const completenessAlarm = ({ settings }: Pipeline): OptionalAlarmSpec => ({
  name: 'pipeline/incomplete',
  severity: 'warning',
  means:
    'More than one in two hundred calls of a quarter of an hour have no metric or no row, ' +
    'or completeness has reported nothing for two hours.',
  metric: pipelineMetric(deploymentNameOf(settings), 'completeness', {
    statistic: 'Minimum',
    // Completeness runs twice in this time: one run may fail.
    period: Duration.hours(2),
  }),
  threshold: 99.5,
  comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
  missingData: 'breaching',
  essential: true,
});

const refreshSilentAlarm = ({ settings, refresh }: Pipeline): OptionalAlarmSpec => ({
  name: 'pipeline/refresh-silent',
  severity: 'warning',
  means:
    'No refresh has completed without an error for a quarter of an hour or longer: page and reports are out of date.',
  metric: successfulRuns(refresh, Duration.minutes(Math.max(15, settings.refreshMinutes * 3))),
  threshold: 1,
  comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
  missingData: 'breaching',
});

/**
 * Calls wait half an hour after a refresh tried to count them, or no refresh was started in that time. That one was
 * started and failed is another alarm, and a store that does not answer a third.
 */
const rollUpsBehindAlarm = ({ settings, refresh }: Pipeline): OptionalAlarmSpec => {
  const period = Duration.minutes(Math.max(30, settings.refreshMinutes * 3));
  return {
    name: 'pipeline/roll-ups-behind',
    severity: 'critical',
    means:
      'Stored calls have waited for more than half an hour to be counted, or refresh is not started: ' +
      'health, page and reports do not contain them. While it lasts, retention drops no days and the disk fills.',
    metric: new cloudwatch.MathExpression({
      expression: `IF(FILL(delay, 0) > ${MAX_ROLL_UP_DELAY.toSeconds()}, 0, runs)`,
      usingMetrics: {
        delay: pipelineMetric(deploymentNameOf(settings), 'rollUpDelay', { statistic: 'Maximum', period }),
        runs: awsMetric(
          'AWS/Lambda',
          'Invocations',
          { FunctionName: refresh.functionName },
          { statistic: 'Sum', period },
        ),
      },
      label: 'refreshes that left no old calls uncounted',
      period,
    }),
    threshold: 1,
    comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
    missingData: 'breaching',
  };
};

/** Two days, because two runs may be a little more than a day apart. */
const retentionSilentAlarm = ({ retention }: Pipeline): OptionalAlarmSpec => ({
  name: 'pipeline/retention-silent',
  severity: 'warning',
  means:
    'Retention has not completed without an error for two days. No old days are dropped, so the disk fills; ' +
    'partitions exist for two weeks ahead.',
  metric: successfulRuns(retention, Duration.days(1)),
  threshold: 1,
  comparison: cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
  badWindows: 2,
  windows: 2,
  missingData: 'breaching',
});

const archiveAlarms = (settings: Pipeline['settings'], archive: lambda.IFunction): OptionalAlarmSpec[] => [
  {
    name: 'pipeline/archive-failing',
    severity: 'warning',
    means:
      'Writing old days to the archive fails. They stay in the database until they are archived, so nothing is lost ' +
      'while the disk has room.',
    metric: errorsOf(archive),
    threshold: 0,
  },
  {
    name: 'pipeline/archive-overdue',
    severity: 'warning',
    means:
      'Two or more days past their retention are not archived. They are not dropped until they are, so the disk fills.',
    // Retention reports it, so it is noticed as well when the archive is never started.
    metric: pipelineMetric(deploymentNameOf(settings), 'archiveOverdue', {
      statistic: 'Maximum',
      period: Duration.days(1),
    }),
    threshold: 1,
  },
];

const errorsOf = ({ functionName: FunctionName }: lambda.IFunction): cloudwatch.Metric =>
  awsMetric('AWS/Lambda', 'Errors', { FunctionName }, SUM);

const failedOrThrottled = (fn: lambda.IFunction): cloudwatch.MathExpression =>
  totalOf('failed or throttled', [
    errorsOf(fn),
    awsMetric('AWS/Lambda', 'Throttles', { FunctionName: fn.functionName }, SUM),
  ]);

const successfulRuns = ({ functionName: FunctionName }: lambda.IFunction, period: Duration) => {
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
