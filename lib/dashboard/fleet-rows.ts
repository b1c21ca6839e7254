import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import {
  CALL_DIMENSIONS,
  CALL_METRICS,
  NAMESPACE,
  PROVIDER_DIMENSIONS,
  PROVIDER_METRICS,
} from '../../lambdas/contract/metrics.ts';
import { deploymentNameOf } from '../deployment-name.ts';
import type { DashboardProps } from './dashboard-props.ts';
import { HALF_WIDTH, PERIOD, THIRD_WIDTH } from './layout.ts';

/** How many lines a graph shows at most: those with the greatest values. */
const WORST = 10;

interface Ranking {
  readonly service: string;
  readonly metric: string;
  readonly statistic: string;
  /** What the lines are compared by, over the whole span that is shown: a function of CloudWatch's metric math. */
  readonly by: 'AVG' | 'MAX' | 'SUM';
  /** The dimension that tells the lines apart. */
  readonly dimension: string;
}

/** The ten worst of a dimension. CloudWatch searches when it draws, so that a new tool or provider needs no deployment. */
const rank = ({ service, metric, statistic, by, dimension }: Ranking): cloudwatch.MathExpression => {
  const schema = `{${NAMESPACE},${CALL_DIMENSIONS.service},${dimension}}`;
  const terms = `MetricName="${metric}" ${CALL_DIMENSIONS.service}="${service}"`;
  const search = `SEARCH('${schema} ${terms}', '${statistic}', ${PERIOD.toSeconds()})`;
  return new cloudwatch.MathExpression({
    expression: `SORT(${search}, ${by}, DESC, ${WORST})`,
    label: `\${PROP('Dim.${dimension}')}`,
    period: PERIOD,
  });
};

/** The tools and providers that are worst, by what alarms are about. */
export function fleetRows({ settings, tools }: DashboardProps): cloudwatch.IWidget[][] {
  const service = deploymentNameOf(settings);
  const graph = (title: string, width: number, line: cloudwatch.MathExpression, yAxis: cloudwatch.YAxisProps) =>
    new cloudwatch.GraphWidget({ title, width, left: [line], leftYAxis: { min: 0, showUnits: false, ...yAxis } });
  const ofTools = { service, dimension: CALL_DIMENSIONS.tool };
  const worst = [
    graph(
      'Tools: share of calls that failed, without the caller’s faults',
      THIRD_WIDTH,
      rank({ ...ofTools, metric: CALL_METRICS.error, statistic: 'Average', by: 'AVG' }),
      { label: '1 = all' },
    ),
    graph(
      'Tools: 95th percentile of durations',
      THIRD_WIDTH,
      rank({ ...ofTools, metric: CALL_METRICS.duration, statistic: 'p95', by: 'MAX' }),
      { label: 'ms' },
    ),
    graph(
      'Tools: calls',
      THIRD_WIDTH,
      rank({ ...ofTools, metric: CALL_METRICS.duration, statistic: 'SampleCount', by: 'SUM' }),
      { label: 'in 5 minutes' },
    ),
  ];
  if (!tools.some(({ facts }) => facts.provider)) return [worst];
  const ofProviders = { service, dimension: PROVIDER_DIMENSIONS.provider, metric: PROVIDER_METRICS.failed };
  const providers = [
    graph(
      'Providers: share of calls that failed by their fault',
      HALF_WIDTH,
      rank({ ...ofProviders, statistic: 'Average', by: 'AVG' }),
      { label: '1 = all' },
    ),
    graph(
      'Providers: calls that depend on them',
      HALF_WIDTH,
      rank({ ...ofProviders, statistic: 'SampleCount', by: 'SUM' }),
      { label: 'in 5 minutes' },
    ),
  ];
  return [worst, providers];
}
