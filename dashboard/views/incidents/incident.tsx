import { providerOf } from '../../../lambdas/contract/alarms/alarm-name.ts';
import { MAX_INCIDENT_CHANGES, MAX_INCIDENT_MESSAGES, MAX_ROWS } from '../../../lambdas/contract/answer-limits.ts';
import type { Incident, IncidentReport } from '../../../lambdas/contract/api/incidents.ts';
import { useAnswer, useMayOperate, useNow } from '../../data/context.ts';
import { askAlarmUnder, askErrorGroups, askIncident, askToolDetail } from '../../data/questions.ts';
import { serverNow } from '../../data/server-clock.ts';
import { askAgain, usePolling } from '../../data/use-polling.ts';
import { GroupsTable } from '../../parts/groups-table.tsx';
import { Unnamed } from '../../parts/guard.tsx';
import { IncidentCause, IncidentState, windowOfIncident } from '../../parts/incidents-table.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { Facts, Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Badge } from '../../parts/status.tsx';
import { joinKey, Table } from '../../parts/table.tsx';
import { Time } from '../../parts/time.tsx';
import { WhatToDo } from '../../parts/what-to-do.tsx';
import { WhoWorksOn } from '../../parts/who-works-on.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { findLeadingFault } from '../../tools/sort-causes.ts';
import { formatCount, formatDuration, formatPercent } from '../../words/format.ts';
import { rangeSince } from '../tool/ranges.ts';
import { ToolTrend } from '../tool/trend.tsx';
import { AcknowledgeForm } from './acknowledge-form.tsx';

/** The runbook changes with a deployment, so it is asked for as rarely. In seconds. */
const RUNBOOK_SECONDS = 600;

type Of = { readonly report: IncidentReport };

const beginOf = ({ incident }: IncidentReport): number => Date.parse(incident.began_at);

/** What an incident is about, as lists of calls and of errors take it; undefined where it is about no calls. */
const subjectOf = ({ tool, cause }: Incident) => {
  const provider = providerOf(cause);
  const name = tool ?? provider;
  return name === undefined ? undefined : { name, about: { tool: tool ?? undefined, provider } };
};

/** The errors of what an incident is about, those seen last first; and which of them were seen in its time. */
const useErrorsOf = (incident: Incident) => {
  const subject = subjectOf(incident);
  const groups = useAnswer(subject && askErrorGroups({ ...subject.about, limit: MAX_ROWS }));
  const { from, to } = windowOfIncident(incident, serverNow());
  const during = (groups.answer?.groups ?? []).filter(
    ({ first_seen_at, last_seen_at }) =>
      Date.parse(last_seen_at) >= Date.parse(from) && (to === undefined || Date.parse(first_seen_at) <= Date.parse(to)),
  );
  return { subject, groups, during, window: { from, to } };
};

/** What the runbook says about the alarm that leads an incident. */
const Advice = ({ incident }: { incident: Incident }) => {
  const { answer } = usePolling(askAlarmUnder(incident.runbook), RUNBOOK_SECONDS);
  const { during } = useErrorsOf(incident);
  const runbook = answer?.alarms[0]?.runbook ?? {
    heading: incident.runbook,
    url: null,
    advice: null,
    advice_by_fault: {},
  };
  return <WhatToDo runbook={runbook} fault={findLeadingFault(during)} />;
};

const Summary = ({ report: { incident, history } }: Of) => {
  return (
    <Facts
      facts={[
        ['State', <IncidentState incident={incident} />],
        ['About', <IncidentCause incident={incident} />],
        ['Began', <Time at={incident.began_at} />],
        incident.ended_at === null ? undefined : ['Ended', <Time at={incident.ended_at} />],
        [incident.ended_at === null ? 'Who works on it' : 'Who worked on it', <WhoWorksOn incident={incident} />],
        ['Lasted', formatDuration(incident.duration_seconds * 1_000)],
        incident.calls === null
          ? undefined
          : [
              'Calls',
              `${incident.bad_calls ?? 0} of ${formatCount(incident.calls, 'call')} bad, at most ${formatPercent(incident.peak_pct)}, ${formatCount(incident.users ?? 0, 'user')}`,
            ],
        ['What to do', <Advice incident={incident} />],
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
const Trend = ({ tool, began }: { tool: string; began: number }) => {
  const detail = useAnswer(askToolDetail(tool)).answer;
  const range = rangeSince(began, useNow(60_000));
  return (
    <Section
      title="Trend of its tool"
      aside={
        <Link to="tool" parameters={{ name: tool, hours: range?.hours }}>
          {tool}
        </Link>
      }
    >
      {range ? (
        <ToolTrend name={tool} range={range} detail={detail} />
      ) : (
        <Nothing>It is older than the longest trend, of thirty days.</Nothing>
      )}
    </Section>
  );
};

const Messages = ({ report: { incident, messages, deliveries } }: Of) => (
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
                <span key={joinKey(channel, sent_at)} class="delivery">
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
    {messages.length >= MAX_INCIDENT_MESSAGES && (
      <More>
        The first {messages.length} of {formatCount(incident.messages, 'message')}.
      </More>
    )}
    <p class="note">E-mail and pagers get each message by a topic; what they do with it is not known here.</p>
  </Section>
);

const Causes = ({ report }: Of) => {
  const { subject, groups, during, window } = useErrorsOf(report.incident);
  if (subject === undefined) return null;
  const { name, about } = subject;
  return (
    <Section
      title="How its calls failed"
      aside={
        <Link to="calls" parameters={{ ...about, success: 'false', ...window }}>
          Failed calls
        </Link>
      }
    >
      <Report of={groups}>
        {({ groups: all, next }) => {
          const isWhole = next === null;
          return (
            <>
              {during.length > 0 && (
                <GroupsTable
                  title={`How calls of ${name} failed`}
                  groups={during}
                  withName={about.tool === undefined}
                />
              )}
              {during.length === 0 && isWhole && <Nothing>No error of {name} was seen in its time.</Nothing>}
              {!isWhole && (
                <More>
                  Only the {all.length} errors of {name} that were seen last are looked through.{' '}
                  <Link to="errors" parameters={about}>
                    All of its errors
                  </Link>
                </More>
              )}
            </>
          );
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
        <li key={joinKey(version, started_at)}>
          <Time at={started_at} /> version {version} was deployed
        </li>
      ))}
      {changes.map(({ at, actor, action, target, reason, success }) => (
        <li key={joinKey(at, actor, action, target)}>
          <Time at={at} /> {actor}: {action} of {target}
          {!success && ', which failed'}
          {reason !== null && ` (${reason})`}
        </li>
      ))}
    </ul>
    {changes.length >= MAX_INCIDENT_CHANGES && <More>These are its first {MAX_INCIDENT_CHANGES} changes by hand.</More>}
  </Section>
);

/** One incident: its time and size, how its calls failed, what changed, and who was notified. */
export const IncidentView = ({ parameters: { id = '' } }: ViewProps) => {
  const report = useAnswer(id === '' ? undefined : askIncident(id));
  const mayOperate = useMayOperate();
  useTitle(report.answer?.incident.title ?? 'Incident');
  if (id === '') return <Unnamed what="incident" />;
  return (
    <>
      <h1 class="view-title">{report.answer?.incident.title ?? 'Incident'}</h1>
      <Report of={report}>
        {(answer) => (
          <>
            <Summary report={answer} />
            {mayOperate && answer.incident.state === 'open' && (
              <AcknowledgeForm incident={answer.incident} onDone={() => askAgain(askIncident(id))} />
            )}
            <Causes report={answer} />
            <Changes report={answer} />
            {answer.incident.tool !== null && <Trend tool={answer.incident.tool} began={beginOf(answer)} />}
            <Messages report={answer} />
          </>
        )}
      </Report>
    </>
  );
};
