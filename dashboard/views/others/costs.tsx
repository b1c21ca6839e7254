import { useMemo } from 'preact/hooks';
import type { CostsReport, DayCosts, ToolCosts } from '../../../lambdas/contract/api/costs.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { useAnswer } from '../../data/context.ts';
import { askCosts } from '../../data/questions.ts';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { ToolName } from '../../parts/name.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Table } from '../../parts/table.tsx';
import type { ViewProps } from '../../router/address.ts';
import { formatCost, formatNumber } from '../../words/format.ts';

const FIELDS: readonly FilterField[] = [
  {
    name: 'days',
    label: 'Window',
    choices: [
      ['7', 'Last 7 d'],
      ['', 'Last 30 d'],
      ['90', 'Last 90 d'],
    ],
  },
];

const DayChart = ({ days, total }: { days: readonly DayCosts[]; total: CostsReport['total'] }) => {
  const content = useMemo(
    () => ({
      seconds: days.map(({ day }) => Date.parse(day) / 1_000),
      isByUtcDay: true,
      format: formatCost,
      series: [
        {
          label: 'Reported by calls',
          colour: 'accent' as const,
          kind: 'line' as const,
          values: days.map(({ reported_usd }) => reported_usd),
        },
        {
          label: 'Lambda',
          colour: 'accent-2' as const,
          kind: 'line' as const,
          values: days.map(({ lambda_usd }) => lambda_usd),
        },
      ],
    }),
    [days],
  );
  return (
    <TimeChart
      title="Costs by the day, in US dollars"
      summary={`Calls report ${formatCost(total.reported_usd)}, and their time on Lambda is ${formatCost(total.lambda_usd)}`}
      content={content}
    />
  );
};

const ToolsTable = ({ tools }: { tools: readonly ToolCosts[] }) => (
  <Table
    title="Tools, those that cost most first"
    rows={tools}
    keyOf={({ tool_name }) => tool_name}
    columns={[
      { title: 'Tool', cell: ({ tool_name }) => <ToolName name={tool_name} /> },
      { title: 'Calls', kind: 'number', cell: ({ calls }) => formatNumber(calls) },
      { title: 'Reported by calls', kind: 'number', cell: ({ reported_usd }) => formatCost(reported_usd) },
      { title: 'Lambda', kind: 'number', cell: ({ lambda_usd }) => formatCost(lambda_usd) },
      { title: 'Of 1,000 calls', kind: 'number', cell: ({ per_thousand_usd }) => formatCost(per_thousand_usd) },
      {
        title: 'Memory',
        kind: 'number',
        cell: ({ memory_mb }) => (memory_mb === null ? '–' : `${formatNumber(memory_mb)} MiB`),
      },
    ]}
  />
);

/** What calls of tools cost, by the day and by the tool. */
export const CostsView = ({ parameters }: ViewProps) => {
  useTitle('Costs');
  const report = useAnswer(askCosts({ days: parameters.days }));
  return (
    <>
      <h1 class="view-title">Costs</h1>
      <Filter view="costs" parameters={parameters} fields={FIELDS} />
      <Report of={report}>
        {({ tools, tool_count, days, total, prices }) =>
          tools.length === 0 ? (
            <Nothing>No tool was called in these days.</Nothing>
          ) : (
            <>
              <Section title="By the day">
                <DayChart days={days} total={total} />
                <p class="note">
                  A tool reports what a call costs with <code>cost(0.002)</code>, such as tokens or an outside service.
                  Lambda’s part is the time of calls at list prices of {prices.region} ({prices.as_of}), without starts,
                  the gateway, logs, metrics and the database: the bill of the whole stack is printed at each synthesis.
                </p>
              </Section>
              <Section title="By the tool">
                <ToolsTable tools={tools} />
                {tool_count > tools.length && (
                  <More>
                    These are the {tools.length} of {formatNumber(tool_count)} that cost most.
                  </More>
                )}
              </Section>
            </>
          )
        }
      </Report>
    </>
  );
};
