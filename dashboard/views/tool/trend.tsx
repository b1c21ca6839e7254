import { useMemo } from 'preact/hooks';
import type { ToolDetail } from '../../../lambdas/contract/api/tools.ts';
import { HOUR_MS, MINUTE_MS } from '../../../lambdas/contract/durations.ts';
import type { DeploymentNote, TrendReport } from '../../../lambdas/contract/reports.ts';
import { fillSteps } from '../../charts/fill-steps.ts';
import type { ChartContent, Limit, Mark } from '../../charts/plot-options.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { useAnswer, useNow } from '../../data/context.ts';
import { askTrend } from '../../data/questions.ts';
import { Nothing, Report } from '../../parts/report.tsx';
import { formatCount, formatDuration, formatNumber } from '../../words/format.ts';
import type { TrendRange } from './ranges.ts';

type TrendPoint = TrendReport['points'][number];

interface ChartsProps {
  readonly points: readonly TrendPoint[];
  readonly range: TrendRange;
  /** What is known beside the trend: its deployments and limits. */
  readonly detail: ToolDetail | undefined;
  readonly until: number;
}

const marksOf = (deployments: readonly DeploymentNote[], from: number): Mark[] =>
  deployments
    .map(({ version, started_at }) => ({ at: Date.parse(started_at), label: version }))
    .filter(({ at }) => at >= from);

const limitsOf = (detail: ToolDetail | undefined): Limit[] =>
  detail?.thresholds
    ? [{ value: detail.thresholds.p95_ms, label: `allowed: ${formatDuration(detail.thresholds.p95_ms)}` }]
    : [];

/** What the two charts of a trend show: calls as bars that stand on each other, and durations as lines. */
const contentsOf = ({
  points,
  range,
  detail,
  until,
}: ChartsProps): { calls: ChartContent; durations: ChartContent } => {
  const from = until - range.hours * HOUR_MS;
  const step = Math.min(...points.map(({ minutes }) => minutes)) * MINUTE_MS;
  const steps = fillSteps(points, { from, until, step });
  const valuesOf = (value: (point: TrendPoint) => number | null) =>
    steps.map(({ counted }) => (counted ? value(counted) : null));
  const seconds = steps.map(({ second }) => second);
  const marks = marksOf(detail?.deployments ?? [], from);
  return {
    calls: {
      seconds,
      marks,
      format: formatNumber,
      series: [
        { label: 'Calls', colour: 'bar', kind: 'bars', values: valuesOf(({ calls }) => calls) },
        {
          label: 'Callers’ faults',
          colour: 'warning',
          kind: 'bars',
          values: valuesOf(({ caller_errors }) => caller_errors),
          drawn: valuesOf(({ caller_errors, failures }) => caller_errors + failures),
        },
        { label: 'Failed', colour: 'critical', kind: 'bars', values: valuesOf(({ failures }) => failures) },
      ],
    },
    durations: {
      seconds,
      marks,
      format: formatDuration,
      limits: limitsOf(detail),
      series: [
        { label: 'p50', colour: 'accent', kind: 'line', values: valuesOf(({ p50_ms }) => p50_ms) },
        { label: 'p95', colour: 'accent-2', kind: 'line', values: valuesOf(({ p95_ms }) => p95_ms) },
        { label: 'p95 of all calls', colour: 'muted', kind: 'line', values: valuesOf(({ p95_all_ms }) => p95_all_ms) },
      ],
    },
  };
};

const Charts = (props: ChartsProps) => {
  const { points, range, until } = props;
  const minute = Math.floor(until / MINUTE_MS);
  const contents = useMemo(() => contentsOf(props), [points, range, props.detail, minute]);
  const total = points.reduce((sum, { calls }) => sum + calls, 0);
  const failed = points.reduce((sum, { failures }) => sum + failures, 0);
  const slowest = Math.max(0, ...points.map(({ p95_all_ms }) => p95_all_ms ?? 0));
  return (
    <>
      <TimeChart
        title="Calls"
        summary={`The last ${range.words}: ${formatCount(total, 'call')}, ${formatNumber(failed)} failed`}
        content={contents.calls}
      />
      <TimeChart
        title="Duration of calls; p50 and p95 are of those that succeeded"
        summary={`The last ${range.words}: the highest p95 is ${formatDuration(slowest)}`}
        content={contents.durations}
      />
    </>
  );
};

interface ToolTrendProps {
  readonly name: string;
  readonly range: TrendRange;
  readonly detail: ToolDetail | undefined;
}

/** The trend of a tool, with its deployments and limits. */
export const ToolTrend = ({ name, range, detail }: ToolTrendProps) => {
  const trend = useAnswer(askTrend(name, range.hours));
  const now = useNow(MINUTE_MS);
  return (
    <Report of={trend}>
      {({ points }) =>
        points.length === 0 ? (
          <Nothing>
            No call of {name} in the last {range.words}.
          </Nothing>
        ) : (
          <Charts points={points} range={range} detail={detail} until={now} />
        )
      }
    </Report>
  );
};
