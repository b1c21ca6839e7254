import { useAnswer } from '../../data/context.ts';
import { askKpis } from '../../data/questions.ts';
import { Choices } from '../../parts/choices.tsx';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { formatNumber } from '../../words/format.ts';
import { FIGURE_WORDS, FIGURES, figureIn } from './describe-kpi.ts';
import { KpiCard } from './kpi-card.tsx';

const FIELDS: readonly FilterField[] = [
  { name: 'measure', label: 'Measure', placeholder: 'revenue_cents' },
  { name: 'tool', label: 'Tool', placeholder: 'place_order' },
  {
    name: 'days',
    label: 'Window',
    choices: [
      ['', 'Last 7 d'],
      ['14', 'Last 14 d'],
      ['30', 'Last 30 d'],
      ['90', 'Last 90 d'],
    ],
  },
];

/** How calls come to report a measure, where none does. */
const NoKpis = ({ parameters: { tool, measure } }: ViewProps) => (
  <>
    <Nothing>
      No call in this window{tool !== undefined && ` of ${tool}`} reports {measure ?? 'a measure'}.
    </Nothing>
    {measure === undefined && (
      <p class="note">
        A tool reports one with <code>measure('orders', 1)</code>, a function that it is given for each call; other code
        with <code>recordKpi('orders', 1)</code>. It appears here after the next refresh.
      </p>
    )}
  </>
);

/** Measures that calls report, each with its figures by the day and what they were before. */
export const KpisView = ({ parameters }: ViewProps) => {
  useTitle('KPIs');
  const { days, tool, measure } = parameters;
  const report = useAnswer(askKpis({ days, tool, measure }));
  const figure = figureIn(parameters.figure);
  return (
    <>
      <h1 class="view-title">KPIs</h1>
      <Filter view="kpis" parameters={parameters} fields={FIELDS} />
      {tool !== undefined && (
        <p class="links">
          <Link to="tool" parameters={{ name: tool }}>
            {tool}
          </Link>
          <Link to="calls" parameters={{ tool, minutes: 1_440 }}>
            Its calls
          </Link>
        </p>
      )}
      <Report of={report}>
        {({ kpis, measure_count, from, before_from }) =>
          kpis.length === 0 ? (
            <NoKpis parameters={parameters} />
          ) : (
            <>
              <div class="section-head">
                <p class="note">
                  By days of UTC since <Time at={from} />. “Before” is the equally long time that begins with{' '}
                  <Time at={before_from} />.
                </p>
                <Choices
                  label="Which figure is drawn"
                  view="kpis"
                  parameters={{ ...parameters, figure }}
                  name="figure"
                  options={FIGURES.map((name) => [name, FIGURE_WORDS[name]] as const)}
                />
              </div>
              <div class="kpis">
                {kpis.map((kpi) => (
                  <KpiCard key={kpi.measure} kpi={kpi} figure={figure} parameters={parameters} />
                ))}
              </div>
              {measure_count > kpis.length && (
                <More>
                  These are the {kpis.length} of {formatNumber(measure_count)} that most calls report. A measure or a
                  tool in the filter above finds others.
                </More>
              )}
            </>
          )
        }
      </Report>
    </>
  );
};
