import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { type ToolThresholds, thresholdsOf } from '../lambdas/contract/thresholds.ts';
import { isFull } from './alarms/monitoring.ts';
import { type CallLogSettings, callLogName } from './call-log.ts';
import type { MonitoredTool } from './listed-tool.ts';
import { awsMetric, callMetric, pipelineMetric } from './metrics.ts';
import type { Settings } from './settings.ts';

const PERIOD = Duration.minutes(5);
const HALF_WIDTH = 12;
const sum = { statistic: 'Sum', period: PERIOD };

interface DashboardProps {
  readonly settings: CallLogSettings & Pick<Settings, 'monitoring'>;
  readonly tools: readonly { readonly facts: MonitoredTool }[];
}

/**
 * Adds the dashboard of the metrics that alarms read, unless monitoring is lean: a row for each tool, with its failures
 * on the left and its durations on the right, and one for the pipeline.
 */
export function addDashboard(scope: Construct, { settings, tools }: DashboardProps): void {
  if (!isFull(settings)) return;
  const { service } = settings;
  const toolRow = ({ name, p95_ms }: ToolThresholds): cloudwatch.IWidget[] => [
    new cloudwatch.GraphWidget({
      title: `${name}: calls and failures`,
      width: HALF_WIDTH,
      left: [callMetric(service, name, 'error', { statistic: 'SampleCount', period: PERIOD }).with({ label: 'calls' })],
      right: [callMetric(service, name, 'error', { statistic: 'Sum', period: PERIOD }).with({ label: 'failures' })],
    }),
    new cloudwatch.GraphWidget({
      title: `${name}: duration`,
      width: HALF_WIDTH,
      left: ['p50', 'p95'].map((statistic) => callMetric(service, name, 'duration', { statistic, period: PERIOD })),
      leftAnnotations: [{ value: p95_ms, label: 'slow' }],
    }),
  ];
  const pipelineRow = [
    new cloudwatch.GraphWidget({
      title: 'Lines written, and lines rejected by ingest',
      width: HALF_WIDTH,
      left: [awsMetric('AWS/Logs', 'IncomingLogEvents', { LogGroupName: callLogName(settings) }, sum)],
      right: [pipelineMetric(service, 'ingestRejects', sum)],
    }),
    new cloudwatch.GraphWidget({
      title: 'Calls that arrived, in percent, and their delay, in seconds',
      width: HALF_WIDTH,
      left: [pipelineMetric(service, 'completeness', { statistic: 'Minimum', period: Duration.hours(1) })],
      right: [pipelineMetric(service, 'ingestLag', { statistic: 'Maximum', period: PERIOD })],
    }),
  ];
  new cloudwatch.Dashboard(scope, 'Dashboard', {
    dashboardName: service,
    widgets: [...tools.map(({ facts }) => toolRow(thresholdsOf(facts))), pipelineRow],
  });
}
