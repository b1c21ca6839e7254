import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { callLogName } from '../call-log-name.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { awsMetric, pipelineMetric } from '../metrics.ts';
import { PAYLOADS_RETAINED_DAYS } from '../payloads.ts';
import type { OptionalAlarmSpec } from './alarm-spec.ts';
import { isFull } from './monitoring.ts';
import { MAXIMUM, type Pipeline, SUM } from './pipeline.ts';

const LATE = Duration.minutes(10);

/** The count of retained payloads runs twice in this time: one run may fail. */
const COUNTED_TWICE = Duration.hours(2);
/** Two weeks before the first of them is deleted. */
const EXPIRING_DAYS = PAYLOADS_RETAINED_DAYS - 14;

/**
 * Payloads that Lambda gave up on are known at once; that they still wait, by the hourly count. Lean monitoring saves
 * the first metric and learns an hour later.
 */
const payloadsWaiting = (settings: Pipeline['settings'], ofIngest: { FunctionName: string }): cloudwatch.IMetric => {
  const waiting = pipelineMetric(deploymentNameOf(settings), 'retainedPayloads', {
    statistic: 'Maximum',
    period: COUNTED_TWICE,
  });
  if (!isFull(settings)) return waiting;
  return new cloudwatch.MathExpression({
    expression: 'FILL(given_up, 0) + FILL(waiting, 0)',
    usingMetrics: {
      given_up: awsMetric('AWS/Lambda', 'AsyncEventsDropped', ofIngest, { statistic: 'Sum', period: COUNTED_TWICE }),
      waiting,
    },
    label: 'payloads that wait',
    period: COUNTED_TWICE,
  });
};

/** Alarms on the way of lines from the log group through ingest into the database. */
export function ingestAlarms({ settings, filterName, ingest, completeness }: Pipeline): OptionalAlarmSpec[] {
  const ofSubscription = { LogGroupName: callLogName(settings), DestinationType: 'Lambda', FilterName: filterName };
  const ofIngest = { FunctionName: ingest.functionName };
  return [
    {
      name: 'pipeline/delivery-failing',
      severity: 'critical',
      means:
        'CloudWatch Logs cannot deliver lines to ingest. ' +
        'After a permanent error it skips up to ten minutes of lines, which must be replayed.',
      metric: awsMetric('AWS/Logs', 'DeliveryErrors', ofSubscription, SUM),
      threshold: 0,
      essential: !completeness,
    },
    {
      name: 'pipeline/ingest-failing',
      severity: 'warning',
      means: 'Ingest fails repeatedly. Lambda tries each payload three times, then retains it in a bucket.',
      metric: awsMetric('AWS/Lambda', 'Errors', ofIngest, SUM),
      threshold: 0,
      badWindows: 2,
      windows: 3,
    },
    {
      name: 'pipeline/payloads-kept',
      severity: 'warning',
      means:
        'Payloads could not be stored. They wait in the bucket of retained payloads until they are replayed, ' +
        'and this alarm lasts as long as they do.',
      metric: payloadsWaiting(settings, ofIngest),
      threshold: 0,
      essential: true,
    },
    {
      name: 'pipeline/payloads-expiring',
      severity: 'critical',
      means:
        `Payloads have waited for ${EXPIRING_DAYS} days to be replayed. Their bucket deletes each of them ` +
        `${PAYLOADS_RETAINED_DAYS} days after it was retained; then their calls are lost.`,
      metric: pipelineMetric(deploymentNameOf(settings), 'retainedPayloadAge', {
        statistic: 'Maximum',
        period: COUNTED_TWICE,
      }),
      threshold: EXPIRING_DAYS,
    },
    {
      name: 'pipeline/payloads-lost',
      severity: 'critical',
      means: 'Payloads could be neither stored nor retained. Their lines are now in the log group only.',
      metric: awsMetric('AWS/Lambda', 'DestinationDeliveryFailures', ofIngest, SUM),
      threshold: 0,
      essential: true,
    },
    {
      name: 'pipeline/ingest-behind',
      severity: 'warning',
      means: 'Payloads wait more than ten minutes for ingest: it is throttled, or too slow for the traffic.',
      metric: awsMetric('AWS/Lambda', 'AsyncEventAge', ofIngest, MAXIMUM),
      threshold: LATE.toMilliseconds(),
      badWindows: 2,
      windows: 3,
    },
    {
      name: 'pipeline/ingest-rejecting',
      severity: 'warning',
      means: 'Some lines could not be stored as calls. The database holds each of them with the reason.',
      metric: pipelineMetric(deploymentNameOf(settings), 'ingestRejects', SUM),
      threshold: 0,
    },
    {
      name: 'pipeline/ingest-lagging',
      severity: 'warning',
      means: 'Calls reach the database more than ten minutes after they end. Alarms on tools are not affected.',
      metric: pipelineMetric(deploymentNameOf(settings), 'ingestLag', MAXIMUM),
      threshold: LATE.toSeconds(),
      badWindows: 2,
      windows: 3,
      essential: true,
    },
  ];
}
