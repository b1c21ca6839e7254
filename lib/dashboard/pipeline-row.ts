import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { callLogName } from '../call-log-name.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import { awsMetric, pipelineMetric } from '../metrics.ts';
import type { DashboardProps } from './dashboard-props.ts';
import { HALF_WIDTH, PERIOD } from './layout.ts';

const sum = { statistic: 'Sum', period: PERIOD };

/** Whether what tools write arrives. */
export function pipelineRow({ settings, ingest, completeness }: DashboardProps): cloudwatch.IWidget[] {
  const service = deploymentNameOf(settings);
  const lines = new cloudwatch.GraphWidget({
    title: [
      'Lines written',
      ...(ingest ? ['lines rejected by ingest'] : []),
      // Where completeness is, the notifier is.
      ...(completeness ? ['incidents notified without figures'] : []),
    ].join(', '),
    width: HALF_WIDTH,
    left: [awsMetric('AWS/Logs', 'IncomingLogEvents', { LogGroupName: callLogName(settings) }, sum)],
    right: [
      ...(ingest ? [pipelineMetric(service, 'ingestRejects', sum)] : []),
      ...(completeness ? [pipelineMetric(service, 'factsMissing', sum)] : []),
    ],
  });
  if (!ingest) return [lines];
  const share = pipelineMetric(service, 'completeness', { statistic: 'Minimum', period: Duration.hours(1) });
  const arrivals = new cloudwatch.GraphWidget({
    title: completeness ? 'Calls that arrived, in percent, and their delay, in seconds' : 'Delay of calls, in seconds',
    width: HALF_WIDTH,
    left: completeness ? [share] : [],
    right: [pipelineMetric(service, 'ingestLag', { statistic: 'Maximum', period: PERIOD })],
  });
  return [lines, arrivals];
}
