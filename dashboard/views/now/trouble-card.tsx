import { providerOf } from '../../../lambdas/contract/alarms/alarm-name.ts';
import type { IncidentReport } from '../../../lambdas/contract/api/incidents.ts';
import { MINUTE_MS } from '../../../lambdas/contract/durations.ts';
import type { ErrorGroup } from '../../../lambdas/contract/error-groups.ts';
import { useAnswer } from '../../data/context.ts';
import { getDeployments, getErrorGroups, getIncident } from '../../data/questions.ts';
import { Facts } from '../../parts/section.tsx';
import { Badge } from '../../parts/status.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import { Link } from '../../router/link.tsx';
import { formatCount, formatDuration } from '../../words/format.ts';
import { FAULT_WORDS } from '../../words/terms.ts';
import { summarizeDeliveries } from '../incidents/summarize-deliveries.ts';
import { describeChangeBefore } from './describe-change.ts';
import type { Trouble } from './find-troubles.ts';

/** Calls from so long before the trouble are shown with it, in milliseconds. */
const CALLS_BEFORE_MS = 5 * MINUTE_MS;
/** How much earlier than the trouble an error group may have been seen last, in milliseconds: steps are counted. */
const SEEN_BEFORE_MS = 10 * MINUTE_MS;

/** The failures of a trouble: those of its tool that are seen since, the most frequent first, no caller's fault. */
const causesOf = (groups: readonly ErrorGroup[], since: number): ErrorGroup[] =>
  groups
    .filter(({ fault, last_seen_at }) => fault !== 'caller' && Date.parse(last_seen_at) >= since - SEEN_BEFORE_MS)
    .sort((a, b) => b.calls_24h - a.calls_24h);

const Cause = ({ group }: { group: ErrorGroup }) => (
  <>
    <Link to="error" parameters={{ id: group.group_id }} class="cause">
      <code>{group.error_code}</code> {group.error_message ?? group.error_type}
    </Link>
    {(group.state === 'new' || group.state === 'regressed') && <Badge tone="warning">{group.state}</Badge>}
    {group.provider !== null && <span class="note"> at {group.provider}</span>}
  </>
);

const Notified = ({ report }: { report: IncidentReport | undefined }) => {
  if (!report) return <span class="note">Unknown: only an operator sees whom messages reached.</span>;
  const { messages, deliveries } = report;
  if (messages.length === 0) return <span>Nobody yet.</span>;
  const [first] = messages;
  const channels = summarizeDeliveries(deliveries);
  return (
    <>
      {formatCount(messages.length, 'message')}
      {first && (
        <>
          , the first at <Time at={first.notified_at} />
        </>
      )}
      {': e-mail and pagers by topic'}
      {channels.map(({ channel, outcome }) => (
        <span key={channel} class={outcome === 'refused' ? 'problem' : undefined}>
          , {channel} ({outcome})
        </span>
      ))}
      .
    </>
  );
};

const WhatToDo = ({ alarms }: Pick<Trouble, 'alarms'>) => {
  const [alarm] = alarms;
  if (!alarm) return <span class="note">No alarm fires for it, so the runbook has no entry.</span>;
  const { advice, url, heading } = alarm.runbook;
  return (
    <>
      {advice ?? 'See the runbook.'}{' '}
      {url === null ? (
        <span class="note">
          Runbook: <code>{heading}</code>
        </span>
      ) : (
        <a href={url} rel="noreferrer">
          Runbook: {heading}
        </a>
      )}
    </>
  );
};

const Mutes = ({ alarms }: Pick<Trouble, 'alarms'>) => {
  const mute = alarms.find(({ muted }) => muted)?.muted;
  if (!mute) return null;
  return (
    <p class="muted-by">
      Muted{mute.actor && ` by ${mute.actor}`}: {mute.reason} (
      {mute.ends_at === null ? 'without an end' : <Time at={mute.ends_at} />}). <Link to="mutes">All mutes</Link>
    </p>
  );
};

const useKnown = ({ tool, incident, alarms }: Trouble) => {
  const name = tool?.tool.tool_name;
  const provider = providerOf(incident?.cause ?? '') ?? alarms.find((alarm) => alarm.provider)?.provider ?? undefined;
  const about = name === undefined ? { provider } : { tool: name };
  const key = name ?? provider;
  return {
    groups: useAnswer(key && `groups/${JSON.stringify(about)}`, (signal) =>
      getErrorGroups(signal, { ...about, limit: 20 }),
    ).answer,
    deployments: useAnswer('deployments', getDeployments).answer?.deployments,
    report: useAnswer(incident && `incident/${incident.incident_id}`, (signal) =>
      getIncident(incident?.incident_id ?? '', signal),
    ).answer,
  };
};

const Links = ({ trouble: { tool, incident, alarms, since } }: { trouble: Trouble }) => {
  const name = tool?.tool.tool_name;
  const from = since === undefined ? undefined : new Date(since - CALLS_BEFORE_MS).toISOString();
  const log = alarms.find(({ logs_url }) => logs_url)?.logs_url;
  return (
    <p class="links">
      {incident && (
        <Link to="incident" parameters={{ id: incident.incident_id }}>
          Incident
        </Link>
      )}
      {name !== undefined && (
        <>
          <Link to="tool" parameters={{ name }}>
            {name}
          </Link>
          <Link to="calls" parameters={{ tool: name, success: 'false', from }}>
            Failed calls
          </Link>
          <Link to="mutes" parameters={{ kind: 'tool', name }}>
            Mute
          </Link>
        </>
      )}
      {log && (
        <a href={log} rel="noreferrer">
          Log
        </a>
      )}
    </p>
  );
};

/** One thing that is broken: since when, whose fault, what changed, what to do, who knows, and where to look. */
export const TroubleCard = ({ trouble }: { trouble: Trouble }) => {
  const { title, severity, since, tool, incident, alarms } = trouble;
  const { groups, deployments, report } = useKnown(trouble);
  const causes = causesOf(groups?.groups ?? [], since ?? 0);
  const fault = causes[0]?.fault ?? tool?.tool.most_common_fault;
  return (
    <article class={`trouble ${severity}`}>
      <h3>{title}</h3>
      <Mutes alarms={alarms} />
      <Facts
        facts={[
          since === undefined
            ? undefined
            : [
                'Since',
                <>
                  <Time at={since} />, <Ago at={new Date(since).toISOString()} />
                </>,
              ],
          fault ? ['Whose fault', `${FAULT_WORDS[fault]} fault`] : undefined,
          causes.length > 0
            ? [
                'Cause',
                <ul class="causes">
                  {causes.slice(0, 3).map((group) => (
                    <li key={group.group_id}>
                      <Cause group={group} />
                    </li>
                  ))}
                </ul>,
              ]
            : undefined,
          deployments && since !== undefined
            ? ['What changed', <Link to="deployments">{describeChangeBefore(deployments, since)}</Link>]
            : undefined,
          ['What to do', <WhatToDo alarms={alarms} />],
          incident ? ['Who was notified', <Notified report={report} />] : undefined,
          incident && incident.calls !== null && incident.bad_calls !== null
            ? [
                'Calls',
                `${incident.bad_calls} of ${formatCount(incident.calls, 'call')} bad, ${formatCount(incident.users ?? 0, 'user')}`,
              ]
            : undefined,
          report && report.history.seen_before > 0
            ? [
                'Seen before',
                `${formatCount(report.history.seen_before, 'time')} in 90 days, last for ${formatDuration((report.history.last_duration_seconds ?? 0) * 1_000)}`,
              ]
            : undefined,
        ]}
      />
      <Links trouble={trouble} />
    </article>
  );
};
