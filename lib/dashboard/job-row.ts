import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { deploymentNameOf } from '../deployment-name.ts';
import { pipelineMetric } from '../metrics.ts';
import type { DashboardProps } from './dashboard-props.ts';
import { HALF_WIDTH, PERIOD } from './layout.ts';

const sum = { statistic: 'Sum', period: PERIOD };
const highest = { statistic: 'Maximum', period: PERIOD };

/** How many jobs are made and how long they take, and those that wait or have failed. */
export function jobRow({ settings }: DashboardProps): cloudwatch.IWidget[] {
  const service = deploymentNameOf(settings);
  return [
    new cloudwatch.GraphWidget({
      title: 'Jobs made, and how long they take, in milliseconds',
      width: HALF_WIDTH,
      left: [pipelineMetric(service, 'jobsProcessed', sum)],
      right: [pipelineMetric(service, 'jobsProcessingTime', { statistic: 'Average', period: PERIOD })],
    }),
    new cloudwatch.GraphWidget({
      title: 'Jobs that are due, have failed, or wait for somebody to release them',
      width: HALF_WIDTH,
      left: (['jobsDepth', 'jobsFailed', 'jobsQuarantined'] as const).map((name) =>
        pipelineMetric(service, name, highest),
      ),
    }),
  ];
}
