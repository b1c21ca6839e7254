import { Duration, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { type ToolThresholds, thresholdsOf } from '../lambdas/contract/thresholds.ts';
import { dashboardName } from './alarms/alarm-text.ts';
import { isFull } from './alarms/monitoring.ts';
import { type CallLogSettings, callLogName } from './call-log-name.ts';
import { deploymentNameOf } from './deployment-name.ts';
import type { MonitoredTool } from './listed-tool.ts';
import { awsMetric, callMetric, pipelineMetric } from './metrics.ts';
import type { Settings } from './settings.ts';

const PERIOD = Duration.minutes(5);
const HALF_WIDTH = 12;
const sum = { statistic: 'Sum', period: PERIOD };

interface DashboardProps {
  readonly settings: CallLogSettings & Pick<Settings, 'monitoring'>;
  readonly tools: readonly { readonly facts: MonitoredTool }[];
  /** Whether ingest and completeness are deployed, which write the metrics of the pipeline. */
  readonly ingest: boolean;
  readonly completeness: boolean;
}

/**
 * Adds the dashboard of the metrics that alarms read, unless monitoring is lean: a row for each tool, with its failures
 * on the left and its durations on the right, and one for the pipeline.
 */
export function addDashboard(scope: Construct, props: DashboardProps): cloudwatch.Dashboard | undefined {
  const { settings, tools } = props;
  if (!isFull(settings)) return undefined;
  const service = deploymentNameOf(settings);
  const toolRow = ({ name, p95_ms }: ToolThresholds): cloudwatch.IWidget[] => [
    new cloudwatch.GraphWidget({
      title: `${name}: calls and failures`,
      width: HALF_WIDTH,
      left: [
        callMetric(service, name, 'duration', { statistic: 'SampleCount', period: PERIOD }).with({ label: 'calls' }),
      ],
      right: [callMetric(service, name, 'error', { statistic: 'Sum', period: PERIOD }).with({ label: 'failures' })],
    }),
    new cloudwatch.GraphWidget({
      title: `${name}: duration`,
      width: HALF_WIDTH,
      left: ['p50', 'p95'].map((statistic) => callMetric(service, name, 'duration', { statistic, period: PERIOD })),
      leftAnnotations: [{ value: p95_ms, label: 'slow' }],
    }),
  ];
  return new cloudwatch.Dashboard(scope, 'Dashboard', {
    // An account has one list of dashboards for all its regions.
    dashboardName: dashboardName(service, Stack.of(scope).region),
    widgets: [...tools.map(({ facts }) => toolRow(thresholdsOf(facts))), pipelineRow(props)],
  });
}

function pipelineRow({ settings, ingest, completeness }: DashboardProps): cloudwatch.IWidget[] {
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
