import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import {
  CALL_DIMENSIONS,
  CALL_FLAGS,
  CALL_METRICS,
  CHANNEL_DIMENSIONS,
  CHANNEL_METRICS,
  NAMESPACE,
  PIPELINE_METRICS,
  PROVIDER_DIMENSIONS,
  PROVIDER_METRICS,
} from '../lambdas/contract/metrics.ts';
import type { AwsMetricName, AwsNamespace } from './metric-audit/aws-metrics.ts';

/** The metrics that alarms and the dashboard read. Their names come from the contract, or from AWS's documentation. */

export type CallMetric = keyof typeof CALL_METRICS;
export type CallFlag = keyof typeof CALL_FLAGS;
export type PipelineMetric = keyof typeof PIPELINE_METRICS;

interface Reading {
  readonly statistic: string;
  readonly period: Duration;
}

/** A metric of a tool's calls. Each has `duration`, and each that did not fail by its caller's fault `error`. */
export const callMetric = (service: string, tool: string, metric: CallMetric, reading: Reading): cloudwatch.Metric =>
  toolMetric(service, tool, CALL_METRICS[metric], reading);

/** A flag on the line of every call of a tool, which is a metric only where a setting makes it one. */
export const callFlagMetric = (service: string, tool: string, flag: CallFlag, reading: Reading): cloudwatch.Metric =>
  toolMetric(service, tool, CALL_FLAGS[flag], reading);

const toolMetric = (service: string, tool: string, metricName: string, reading: Reading): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { [CALL_DIMENSIONS.service]: service, [CALL_DIMENSIONS.tool]: tool },
    ...reading,
  });

/** Whether each call that depends on an outside service failed by that service's fault: 1 or 0. */
export const providerMetric = (service: string, provider: string, reading: Reading): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: NAMESPACE,
    metricName: PROVIDER_METRICS.failed,
    dimensionsMap: { [PROVIDER_DIMENSIONS.service]: service, [PROVIDER_DIMENSIONS.provider]: provider },
    ...reading,
  });

/** A metric of a channel for notices. */
export const channelMetric = (
  service: string,
  channel: string,
  metric: keyof typeof CHANNEL_METRICS,
  reading: Reading,
): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: NAMESPACE,
    metricName: CHANNEL_METRICS[metric],
    dimensionsMap: { [CHANNEL_DIMENSIONS.service]: service, [CHANNEL_DIMENSIONS.channel]: channel },
    ...reading,
  });

/** A metric that the pipeline writes about itself. */
export const pipelineMetric = (service: string, metric: PipelineMetric, reading: Reading): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: NAMESPACE,
    metricName: PIPELINE_METRICS[metric],
    dimensionsMap: { [CALL_DIMENSIONS.service]: service },
    ...reading,
  });

/** A metric that an AWS service writes, by its name in the table of those. */
export const awsMetric = <Namespace extends AwsNamespace>(
  namespace: Namespace,
  metricName: AwsMetricName<Namespace>,
  dimensionsMap: Record<string, string>,
  reading: Reading,
): cloudwatch.Metric => new cloudwatch.Metric({ namespace, metricName, dimensionsMap, ...reading });
