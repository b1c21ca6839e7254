import { useMemo } from 'preact/hooks';
import type { Kpi } from '../../../lambdas/contract/api/kpis.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { FirstNames, ToolName } from '../../parts/name.tsx';
import { Facts } from '../../parts/section.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { formatCount } from '../../words/format.ts';
import { describeChange, FIGURE_WORDS, FIGURES, type Figure, formatFigure, formatShortFigure } from './describe-kpi.ts';

const KpiChart = ({ kpi: { measure, days, ...total }, figure }: { kpi: Kpi; figure: Figure }) => {
  const content = useMemo(
    () => ({
      seconds: days.map(({ day }) => Date.parse(day) / 1_000),
      isByUtcDay: true,
      format: formatFigure,
      formatAxis: formatShortFigure,
      series: [
        {
          label: FIGURE_WORDS[figure],
          colour: 'accent' as const,
          kind: 'bars' as const,
          values: days.map((counted) => (counted.times === 0 ? null : counted[figure])),
        },
      ],
    }),
    [days, figure],
  );
  const words = FIGURE_WORDS[figure];
  return (
    <TimeChart
      title={`${words} by the day`}
      name={`${measure}: ${words} by the day`}
      summary={`${measure}, ${words.toLowerCase()} by the day for ${formatCount(days.length, 'day')}: ${formatFigure(total[figure])} in all`}
      content={content}
    />
  );
};

/** The tools that report it, each of which leads to it, and what else does. */
const Reporters = ({ kpi: { reported_by, reporter_count } }: { kpi: Kpi }) => (
  <FirstNames
    names={reported_by.map(({ kind, name }) =>
      kind === 'tool' ? <ToolName key={name} name={name} explains={false} /> : `${kind} ${name}`,
    )}
    total={reporter_count}
  />
);

interface KpiCardProps extends ViewProps {
  readonly kpi: Kpi;
  /** The figure that is drawn. */
  readonly figure: Figure;
}

/** One measure: its figures with what they were before, and one of them by the day. */
export const KpiCard = ({ kpi, figure, parameters }: KpiCardProps) => (
  <article class="kpi">
    <h2>
      <Link to="kpis" parameters={{ ...parameters, measure: kpi.measure }}>
        {kpi.measure}
      </Link>
    </h2>
    <Facts
      facts={[
        ...FIGURES.map((name) => {
          const value = (
            <>
              <span class={name === figure ? 'figure drawn' : 'figure'}>{formatFigure(kpi[name])}</span>
              <span class="note"> {describeChange(kpi, name)}</span>
            </>
          );
          return [FIGURE_WORDS[name], value] as const;
        }),
        kpi.reporter_count === 0 ? undefined : (['Reported by', <Reporters kpi={kpi} />] as const),
        ['Lowest and highest', `${formatFigure(kpi.lowest)} and ${formatFigure(kpi.highest)}`],
      ]}
    />
    <KpiChart kpi={kpi} figure={figure} />
  </article>
);
