import { useMemo } from 'preact/hooks';
import type { AdoptedTool, AdoptionReport, Week } from '../../../lambdas/contract/api/adoption.ts';
import { UNREGISTERED } from '../../../lambdas/contract/vocabulary.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { useAnswer } from '../../data/context.ts';
import { askAdoption } from '../../data/questions.ts';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { ToolName } from '../../parts/name.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Table } from '../../parts/table.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { formatCount, formatNumber } from '../../words/format.ts';

/** How many tools are listed; the rest are those with fewest calls. */
const SHOWN_TOOLS = 50;

const FIELDS: readonly FilterField[] = [
  {
    name: 'weeks',
    label: 'Window',
    choices: [
      ['', 'Last 4 weeks'],
      ['8', 'Last 8 weeks'],
      ['12', 'Last 12 weeks'],
    ],
  },
];

const PeopleChart = ({ weeks }: { weeks: readonly Week[] }) => {
  const content = useMemo(
    () => ({
      seconds: weeks.map(({ from }) => Date.parse(from) / 1_000),
      format: formatNumber,
      series: [
        {
          label: 'Active users',
          colour: 'accent' as const,
          kind: 'line' as const,
          values: weeks.map(({ active_users }) => active_users),
        },
        {
          label: 'Sessions',
          colour: 'accent-2' as const,
          kind: 'line' as const,
          values: weeks.map(({ sessions }) => sessions),
        },
        {
          label: 'Active tenants',
          colour: 'healthy' as const,
          kind: 'line' as const,
          values: weeks.map(({ active_tenants }) => active_tenants),
        },
      ],
    }),
    [weeks],
  );
  const last = weeks.at(-1);
  return (
    <TimeChart
      title="Users, sessions and tenants by the week"
      summary={`${formatCount(weeks.length, 'week')}; the last has ${formatNumber(last?.active_users)} users, ${formatNumber(last?.sessions)} sessions and ${formatNumber(last?.active_tenants)} tenants`}
      content={content}
    />
  );
};

/** Since when the people of a week are counted, where that is later than its beginning. */
const PeopleSince = ({ week: { from, people_since } }: { week: Week }) => {
  if (people_since === null) return <span class="note">not counted</span>;
  return people_since === from ? (
    <>whole week</>
  ) : (
    <>
      since <Time at={people_since} />
    </>
  );
};

const WeeksTable = ({ weeks }: { weeks: readonly Week[] }) => (
  <Table
    title="Weeks, the newest first"
    rows={weeks.toReversed()}
    keyOf={({ from }) => from}
    columns={[
      { title: 'From', cell: ({ from }) => <Time at={from} /> },
      { title: 'Active users', kind: 'number', cell: ({ active_users }) => formatNumber(active_users) },
      { title: 'Sessions', kind: 'number', cell: ({ sessions }) => formatNumber(sessions) },
      { title: 'Users and sessions', cell: (week) => <PeopleSince week={week} /> },
      { title: 'Active tenants', kind: 'number', cell: ({ active_tenants }) => formatNumber(active_tenants) },
      { title: 'Tools called', kind: 'number', cell: ({ tools_used }) => formatNumber(tools_used) },
      { title: 'Calls', kind: 'number', cell: ({ calls }) => formatNumber(calls) },
      {
        title: 'Calls of tools that do not exist',
        kind: 'number',
        cell: ({ unknown_tool_calls }) => formatNumber(unknown_tool_calls),
      },
    ]}
  />
);

const Weeks = ({ weeks }: { weeks: readonly Week[] }) => (
  <Section title="By the week">
    <PeopleChart weeks={weeks} />
    <WeeksTable weeks={weeks} />
    {weeks.some(({ from, people_since }) => people_since !== from) && (
      <p class="note">
        Users and sessions are those of stored calls. Of a week with many calls the newest are read; what retention has
        removed is not counted, and to a tenant only the last week is.
      </p>
    )}
  </Section>
);

const Unused = ({ tools }: { tools: readonly AdoptedTool[] }) => (
  <Section title="Tools that nobody called">
    {tools.length === 0 ? (
      <Nothing>Every deployed tool was called in these weeks.</Nothing>
    ) : (
      <Table
        title="Tools that nobody called in these weeks"
        rows={tools}
        keyOf={({ tool_name }) => tool_name}
        columns={[
          { title: 'Tool', cell: ({ tool_name }) => <ToolName name={tool_name} /> },
          { title: 'Last call', cell: ({ last_called_at }) => <Ago at={last_called_at} /> },
        ]}
      />
    )}
  </Section>
);

const Unknown = ({ weeks }: { weeks: readonly Week[] }) => {
  const calls = weeks.reduce((sum, { unknown_tool_calls }) => sum + unknown_tool_calls, 0);
  return (
    <Section title="Tools that do not exist">
      {calls === 0 ? (
        <Nothing>No call asked for a tool that does not exist.</Nothing>
      ) : (
        <p>
          {formatCount(calls, 'call')} asked for a tool that does not exist.{' '}
          <Link to="calls" parameters={{ tool: UNREGISTERED, minutes: 10_080 }}>
            Those of the last 7 days
          </Link>
          <span class="note"> The names that they asked for are not stored: callers choose them.</span>
        </p>
      )}
    </Section>
  );
};

const Used = ({ report: { tools, tool_count, weeks } }: { report: AdoptionReport }) => {
  const used = tools.filter(({ calls }) => calls > 0);
  const shown = used.slice(0, SHOWN_TOOLS);
  return (
    <Section title="Tools by their calls">
      {shown.length === 0 ? (
        <Nothing>No tool was called in these weeks.</Nothing>
      ) : (
        <Table
          title="Tools, those with most calls first"
          rows={shown}
          keyOf={({ tool_name }) => tool_name}
          columns={[
            { title: 'Tool', cell: ({ tool_name }) => <ToolName name={tool_name} /> },
            { title: 'Calls', kind: 'number', cell: ({ calls }) => formatNumber(calls) },
            {
              title: 'Weeks with a call',
              kind: 'number',
              cell: ({ weeks_used }) => `${formatNumber(weeks_used)} of ${formatNumber(weeks.length)}`,
            },
            { title: 'First call', cell: ({ first_called_on }) => first_called_on ?? '–' },
            { title: 'Last call', cell: ({ last_called_at }) => <Ago at={last_called_at} /> },
            { title: 'Deployed', cell: ({ is_deployed }) => (is_deployed ? 'yes' : 'no') },
          ]}
        />
      )}
      {used.length > shown.length && (
        <More>
          These are the {shown.length} with most calls, of {formatCount(tool_count, 'tool')} that are deployed or were
          ever called.
        </More>
      )}
    </Section>
  );
};

/** Who uses the tools week by week, which tools nobody calls, and how often tools are asked for that do not exist. */
export const AdoptionView = ({ parameters }: ViewProps) => {
  useTitle('Adoption');
  const report = useAnswer(askAdoption({ weeks: parameters.weeks }));
  return (
    <>
      <h1 class="view-title">Adoption</h1>
      <Filter view="adoption" parameters={parameters} fields={FIELDS} />
      <Report of={report}>
        {(answer) => (
          <>
            <Weeks weeks={answer.weeks} />
            <div class="columns">
              <Unused tools={answer.tools.filter(({ tool_name }) => answer.unused_tools.includes(tool_name))} />
              <Unknown weeks={answer.weeks} />
            </div>
            <Used report={answer} />
          </>
        )}
      </Report>
    </>
  );
};
