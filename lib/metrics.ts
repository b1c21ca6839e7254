import type { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import {
  CALL_DIMENSIONS,
  CALL_METRICS,
  NAMESPACE,
  PIPELINE_METRICS,
  PROVIDER_DIMENSIONS,
  PROVIDER_METRICS,
} from '../lambdas/contract/metrics.ts';

/** The metrics that alarms and dashboards read; names come from the contract, for ours, and from AWS's own pages. */

export type CallMetric = keyof typeof CALL_METRICS;
export type PipelineMetric = keyof typeof PIPELINE_METRICS;

interface Reading {
  readonly statistic: string;
  readonly period: Duration;
}

/** A metric that rides on the line of every call of a tool. */
export const callMetric = (service: string, tool: string, metric: CallMetric, reading: Reading): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: NAMESPACE,
    metricName: CALL_METRICS[metric],
    dimensionsMap: { [CALL_DIMENSIONS.service]: service, [CALL_DIMENSIONS.tool]: tool },
    ...reading,
  });

/** How calls that depend on an outside service failed by its fault: 0 or 1 for each. */
export const providerMetric = (service: string, provider: string, reading: Reading): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: NAMESPACE,
    metricName: PROVIDER_METRICS.failed,
    dimensionsMap: { [PROVIDER_DIMENSIONS.service]: service, [PROVIDER_DIMENSIONS.provider]: provider },
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

/** A metric that an AWS service writes. */
export const awsMetric = (
  namespace: `AWS/${string}`,
  metricName: string,
  dimensionsMap: Record<string, string>,
  reading: Reading,
): cloudwatch.Metric => new cloudwatch.Metric({ namespace, metricName, dimensionsMap, ...reading });
