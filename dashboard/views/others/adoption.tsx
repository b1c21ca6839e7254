import { useMemo } from 'preact/hooks';
import type { AdoptionReport, Week } from '../../../lambdas/contract/api/adoption.ts';
import { UNREGISTERED } from '../../../lambdas/contract/vocabulary.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { useAnswer } from '../../data/context.ts';
import { askAdoption } from '../../data/questions.ts';
import { Filter, type FilterField } from '../../parts/filter.tsx';
import { ToolName } from '../../parts/name.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { formatCount, formatNumber } from '../../words/format.ts';

/** How many tools are listed. */
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
      isByUtcDay: true,
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

/** The day in UTC, by which weeks begin. */
const dayOf = (at: string): string => at.slice(0, 10);

/** Whether all users and sessions of a week are counted. */
const isWhole = ({ from, people_since }: Week): boolean => people_since === from;

const PEOPLE_SINCE: Column<Week> = {
  title: 'Users and sessions since',
  cell: ({ people_since }) => (people_since === null ? 'not counted' : <Time at={people_since} />),
};

const WeeksTable = ({ weeks }: { weeks: readonly Week[] }) => (
  <Table
    title="Weeks, the newest first"
    rows={weeks.toReversed()}
    keyOf={({ from }) => from}
    columns={[
      { title: 'Week from', cell: ({ from }) => dayOf(from) },
      { title: 'Active users', kind: 'number', cell: ({ active_users }) => formatNumber(active_users) },
      { title: 'Sessions', kind: 'number', cell: ({ sessions }) => formatNumber(sessions) },
      ...(weeks.every(isWhole) ? [] : [PEOPLE_SINCE]),
      { title: 'Active tenants', kind: 'number', cell: ({ active_tenants }) => formatNumber(active_tenants) },
      { title: 'Tools called', kind: 'number', cell: ({ tools_used }) => formatNumber(tools_used) },
      { title: 'Calls', kind: 'number', cell: ({ calls }) => formatNumber(calls) },
      {
        title: 'Calls of unknown tools',
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
    {!weeks.every(isWhole) && (
      <p class="note">
        Users and sessions are those of stored calls. Of a week with many calls the newest are read; what retention has
        removed is not counted, and to a tenant only the last week is.
      </p>
    )}
  </Section>
);

const Unused = ({ report: { tools, tool_count, unused_tools } }: { report: AdoptionReport }) => {
  const unused = tools.filter(({ tool_name }) => unused_tools.includes(tool_name));
  const shown = unused.slice(0, SHOWN_TOOLS);
  return (
    <Section title="Deployed tools without calls">
      {shown.length === 0 ? (
        <Nothing>
          {tools.some(({ is_deployed }) => is_deployed)
            ? 'Every deployed tool was called in these weeks.'
            : 'No tool is known to be deployed.'}
        </Nothing>
      ) : (
        <Table
          title="Deployed tools without calls in these weeks"
          rows={shown}
          keyOf={({ tool_name }) => tool_name}
          columns={[
            { title: 'Tool', cell: ({ tool_name }) => <ToolName name={tool_name} /> },
            { title: 'Last call', cell: ({ last_called_at }) => <Ago at={last_called_at} /> },
          ]}
        />
      )}
      {unused.length > shown.length && (
        <More>
          These are {shown.length} of {formatNumber(unused.length)}.
        </More>
      )}
      {tool_count > tools.length && (
        <More>Only the {formatNumber(tools.length)} tools with most calls are looked at here.</More>
      )}
    </Section>
  );
};

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
              <Unused report={answer} />
              <Unknown weeks={answer.weeks} />
            </div>
            <Used report={answer} />
          </>
        )}
      </Report>
    </>
  );
};
