import { useMemo } from 'preact/hooks';
import { DAY_MS, HOUR_MS } from '../../../lambdas/contract/durations.ts';
import type { ErrorGroup, ErrorGroupReport } from '../../../lambdas/contract/error-groups.ts';
import type { DeploymentNote } from '../../../lambdas/contract/reports.ts';
import { fillSteps } from '../../charts/fill-steps.ts';
import { TimeChart } from '../../charts/time-chart.tsx';
import { useAnswer, useMayOperate, useNow } from '../../data/context.ts';
import { askDeployments, askErrorGroup } from '../../data/questions.ts';
import { askAgain } from '../../data/use-polling.ts';
import { CallsTable } from '../../parts/calls-table.tsx';
import { describeGroup, GroupState } from '../../parts/groups-table.tsx';
import { Unnamed } from '../../parts/guard.tsx';
import { ProviderName, ToolName } from '../../parts/name.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { Facts, Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { dayAround, weekUntil } from '../../tools/call-window.ts';
import { formatCount, formatNumber } from '../../words/format.ts';
import { FAULT_WORDS } from '../../words/terms.ts';
import { DecideForm } from './decide-form.tsx';

const TREND_DAYS = 7;

/** The newest calls of a group, as far as one window of calls has them. */
const callsOf = ({ group_id, last_seen_at }: ErrorGroup) => ({ group_id, ...weekUntil(last_seen_at) });

const factsOf = (group: ErrorGroup) =>
  [
    ['State', <GroupState state={group.state} />],
    ['Of', group.kind === 'tool' ? <ToolName name={group.name} /> : `${group.kind} ${group.name}`],
    ['Whose fault', `${FAULT_WORDS[group.fault]} fault`],
    ['Code', <code>{group.error_code}</code>],
    group.error_type === null ? undefined : (['Type', group.error_type] as const),
    group.provider === null
      ? undefined
      : (['Outside service', <ProviderName name={group.provider} window={dayAround(group.last_seen_at)} />] as const),
    [
      'Calls',
      <Link to="calls" parameters={callsOf(group)}>
        {formatNumber(group.calls_24h)} in 24 hours, {formatNumber(group.calls)} ever
      </Link>,
    ],
    ['Users', formatNumber(group.users)],
    [
      'First seen',
      <>
        <Time at={group.first_seen_at} />, in version {group.first_version}
      </>,
    ],
    [
      'Last seen',
      <>
        <Ago at={group.last_seen_at} />, in version {group.last_version}
      </>,
    ],
    group.regressed_at === null
      ? undefined
      : ([
          'Came back',
          <>
            <Time at={group.regressed_at} />, in version {group.regressed_version}
          </>,
        ] as const),
    group.resolved_in_version === null ? undefined : (['Resolved in', group.resolved_in_version] as const),
    group.muted_until === null ? undefined : (['Muted until', <Time at={group.muted_until} />] as const),
    group.state_changed_at === null
      ? undefined
      : ([
          'Decided',
          <>
            <Time at={group.state_changed_at} />
            {group.state_changed_by !== null && ` by ${group.state_changed_by}`}
            {group.state_reason !== null && `: ${group.state_reason}`}
          </>,
        ] as const),
  ] as const;

const GroupTrend = ({
  trend,
  deployments,
}: Pick<ErrorGroupReport, 'trend'> & { deployments: readonly DeploymentNote[] }) => {
  const hour = Math.floor(useNow(60_000) / HOUR_MS);
  const content = useMemo(() => {
    const until = (hour + 1) * HOUR_MS;
    const from = until - TREND_DAYS * DAY_MS;
    const steps = fillSteps(trend, { from, until, step: HOUR_MS });
    return {
      seconds: steps.map(({ second }) => second),
      format: formatNumber,
      marks: deployments
        .map(({ version, started_at }) => ({ at: Date.parse(started_at), label: version }))
        .filter(({ at }) => at >= from),
      series: [
        {
          label: 'Failed calls',
          colour: 'critical' as const,
          kind: 'bars' as const,
          values: steps.map(({ counted }) => counted?.calls ?? null),
        },
      ],
    };
  }, [trend, deployments, hour]);
  const total = trend.reduce((sum, { calls }) => sum + calls, 0);
  return (
    <TimeChart
      title="Failed calls by the hour"
      summary={`The last ${TREND_DAYS} days: ${formatCount(total, 'call')} of this group`}
      content={content}
    />
  );
};

const NO_DEPLOYMENTS: readonly DeploymentNote[] = [];

const Group = ({ report }: { report: ErrorGroupReport }) => {
  const { group, examples, trend } = report;
  const mayOperate = useMayOperate();
  const deployments = useAnswer(askDeployments()).answer?.deployments ?? NO_DEPLOYMENTS;
  return (
    <>
      <Facts facts={factsOf(group)} />
      <Section title="Trend of seven days">
        <GroupTrend trend={trend} deployments={deployments} />
      </Section>
      <Section title="Its newest calls">
        {examples.length === 0 ? (
          <Nothing>None of its calls is stored any more.</Nothing>
        ) : (
          <CallsTable
            title="Newest calls of this group"
            withName={false}
            areAlike
            calls={examples.map((call) => ({ ...call, name: group.name, success: false }))}
          />
        )}
        {group.calls > examples.length && examples.length > 0 && (
          <More>
            The newest {examples.length} of {formatNumber(group.calls)}.{' '}
            <Link to="calls" parameters={callsOf(group)}>
              All of a week
            </Link>
          </More>
        )}
      </Section>
      {mayOperate && (
        <Section title="Decide about it">
          <DecideForm group={group} onDone={() => askAgain(askErrorGroup(group.group_id))} />
        </Section>
      )}
    </>
  );
};

/** One group of failures: what it is, its calls, its trend with deployments, and what is decided about it. */
export const ErrorGroupView = ({ parameters: { id = '' } }: ViewProps) => {
  const report = useAnswer(id === '' ? undefined : askErrorGroup(id));
  const title = report.answer ? describeGroup(report.answer.group) : 'Error';
  useTitle(title);
  if (id === '') return <Unnamed what="group of failures" />;
  return (
    <>
      <h1 class="view-title">{title}</h1>
      <Report of={report}>{(answer) => <Group report={answer} />}</Report>
    </>
  );
};
