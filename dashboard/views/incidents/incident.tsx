import { providerOf } from '../../../lambdas/contract/alarms/alarm-name.ts';
import type { IncidentReport } from '../../../lambdas/contract/api/incidents.ts';
import { MINUTE_MS } from '../../../lambdas/contract/durations.ts';
import { useAnswer } from '../../data/context.ts';
import { getAlarms, getErrorGroups, getIncident, getToolDetail } from '../../data/questions.ts';
import { GroupsTable } from '../../parts/groups-table.tsx';
import { Unnamed } from '../../parts/guard.tsx';
import { IncidentState } from '../../parts/incidents-table.tsx';
import { ToolName } from '../../parts/name.tsx';
import { Nothing, Report } from '../../parts/report.tsx';
import { Facts, Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Badge } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { formatCount, formatDuration, formatPercent } from '../../words/format.ts';
import { rangeOf } from '../tool/ranges.ts';
import { ToolTrend } from '../tool/trend.tsx';

const BEFORE_MS = 5 * MINUTE_MS;
const AFTER_MS = 5 * MINUTE_MS;

type Of = { readonly report: IncidentReport };

/** The window of an incident's calls, as the list of calls takes it. */
const windowOf = ({ incident: { began_at, ended_at } }: IncidentReport) => ({
  from: new Date(Date.parse(began_at) - BEFORE_MS).toISOString(),
  ...(ended_at !== null && { to: new Date(Date.parse(ended_at) + AFTER_MS).toISOString() }),
});

/** What the runbook says about the incident's alarms, which CloudWatch's description of each has. */
const useRunbook = (heading: string) =>
  useAnswer('alarms/all', (signal) => getAlarms(signal, { limit: 100 })).answer?.alarms.find(
    ({ runbook }) => runbook.heading === heading,
  )?.runbook;

const Summary = ({ report }: Of) => {
  const { incident, history } = report;
  const runbook = useRunbook(incident.runbook);
  return (
    <Facts
      facts={[
        ['State', <IncidentState incident={incident} />],
        ['About', incident.tool === null ? incident.cause : <ToolName name={incident.tool} />],
        ['Began', <Time at={incident.began_at} />],
        incident.ended_at === null ? undefined : ['Ended', <Time at={incident.ended_at} />],
        ['Lasted', formatDuration(incident.duration_seconds * 1_000)],
        incident.calls === null
          ? undefined
          : [
              'Calls',
              `${incident.bad_calls ?? 0} of ${formatCount(incident.calls, 'call')} bad, at most ${formatPercent(incident.peak_pct)}, ${formatCount(incident.users ?? 0, 'user')}`,
            ],
        [
          'What to do',
          <>
            {runbook?.advice}{' '}
            {runbook?.url ? (
              <a href={runbook.url} rel="noreferrer">
                Runbook
              </a>
            ) : (
              <code>{incident.runbook}</code>
            )}
          </>,
        ],
        ['Alarms', incident.members.join(', ')],
        history.seen_before === 0
          ? ['Seen before', 'never in 90 days']
          : [
              'Seen before',
              `${formatCount(history.seen_before, 'time')} in 90 days; the last lasted ${formatDuration((history.last_duration_seconds ?? 0) * 1_000)}`,
            ],
      ]}
    />
  );
};

/** The trend of its tool with deployments, so that what changed is seen where it began to fail. */
const Trend = ({ tool }: { tool: string }) => {
  const detail = useAnswer(`detail/${tool}`, (signal) => getToolDetail(tool, signal)).answer;
  return (
    <Section
      title="Trend of its tool"
      aside={
        <Link to="tool" parameters={{ name: tool }}>
          {tool}
        </Link>
      }
    >
      <ToolTrend name={tool} range={rangeOf(undefined)} detail={detail} />
    </Section>
  );
};

const Messages = ({ report: { messages, deliveries } }: Of) => (
  <Section title="Who was notified">
    {messages.length === 0 ? (
      <Nothing>No message is known.</Nothing>
    ) : (
      <Table
        title="Messages"
        rows={messages}
        keyOf={({ message_id }) => message_id}
        columns={[
          { title: 'When', cell: ({ notified_at }) => <Time at={notified_at} /> },
          { title: 'Why', cell: ({ kind }) => kind },
          { title: 'Message', kind: 'text', cell: ({ title }) => title },
          { title: 'Severity', cell: ({ severity }) => severity },
          {
            title: 'Channels',
            cell: ({ message_id }) => {
              const own = deliveries.filter((delivery) => delivery.message_id === message_id);
              if (own.length === 0) return <span class="note">e-mail and pagers only, as far as known</span>;
              return own.map(({ channel, outcome, sent_at, error }) => (
                <span key={`${channel} ${sent_at}`} class="delivery">
                  {channel}{' '}
                  <Badge tone={{ posted: 'healthy', accepted: 'quiet', refused: 'critical' }[outcome]}>{outcome}</Badge>
                  {error !== null && <span class="problem"> {error}</span>}
                </span>
              ));
            },
          },
        ]}
      />
    )}
    <p class="note">E-mail and pagers get each message by a topic; what they do with it is not known here.</p>
  </Section>
);

const Causes = ({ report }: Of) => {
  const { incident } = report;
  const tool = incident.tool ?? undefined;
  const provider = providerOf(incident.cause);
  const name = tool ?? provider;
  const about = { tool, provider };
  const groups = useAnswer(name && `groups/${incident.cause}`, (signal) =>
    getErrorGroups(signal, { ...about, limit: 20 }),
  );
  if (name === undefined) return null;
  const began = Date.parse(incident.began_at) - BEFORE_MS;
  const ended = incident.ended_at === null ? Number.POSITIVE_INFINITY : Date.parse(incident.ended_at) + AFTER_MS;
  return (
    <Section
      title="How its calls failed"
      aside={
        <Link to="calls" parameters={{ ...about, success: 'false', ...windowOf(report) }}>
          Failed calls
        </Link>
      }
    >
      <Report of={groups}>
        {({ groups: all }) => {
          const during = all.filter(
            ({ first_seen_at, last_seen_at }) =>
              Date.parse(last_seen_at) >= began && Date.parse(first_seen_at) <= ended,
          );
          if (during.length === 0) return <Nothing>No error of {name} was seen in its time.</Nothing>;
          return <GroupsTable title={`How calls of ${name} failed`} groups={during} withName={tool === undefined} />;
        }}
      </Report>
    </Section>
  );
};

const Changes = ({ report: { deployments, changes } }: Of) => (
  <Section title="What changed" aside={<Link to="deployments">All deployments</Link>}>
    {deployments.length === 0 && <Nothing>Nothing was deployed in the day before it or while it lasted.</Nothing>}
    <ul class="plain">
      {deployments.map(({ version, started_at }) => (
        <li key={`${version} ${started_at}`}>
          <Time at={started_at} /> version {version} was deployed
        </li>
      ))}
      {changes.map(({ at, actor, action, target, reason, success }) => (
        <li key={`${at} ${action} ${target}`}>
          <Time at={at} /> {actor}: {action} of {target}
          {!success && ', which failed'}
          {reason !== null && ` (${reason})`}
        </li>
      ))}
    </ul>
  </Section>
);

/** One incident: its time and size, how its calls failed, what changed, and who was notified. */
export const IncidentView = ({ parameters: { id = '' } }: ViewProps) => {
  const report = useAnswer(id && `incident/${id}`, (signal) => getIncident(id, signal));
  useTitle(report.answer?.incident.title ?? 'Incident');
  if (id === '') return <Unnamed what="incident" />;
  return (
    <>
      <h1 class="view-title">{report.answer?.incident.title ?? 'Incident'}</h1>
      <Report of={report}>
        {(answer) => (
          <>
            <Summary report={answer} />
            <Causes report={answer} />
            <Changes report={answer} />
            {answer.incident.tool !== null && <Trend tool={answer.incident.tool} />}
            <Messages report={answer} />
          </>
        )}
      </Report>
    </>
  );
};
