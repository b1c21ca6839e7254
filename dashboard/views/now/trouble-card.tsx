import { providerOf } from '../../../lambdas/contract/alarms/alarm-name.ts';
import type { IncidentReport } from '../../../lambdas/contract/api/incidents.ts';
import { MINUTE_MS } from '../../../lambdas/contract/durations.ts';
import type { ErrorGroup } from '../../../lambdas/contract/error-groups.ts';
import type { Fault } from '../../../lambdas/contract/vocabulary.ts';
import { useAnswer, useMayOperate } from '../../data/context.ts';
import { askDeployments, askErrorGroups, askIncident } from '../../data/questions.ts';
import { serverNow } from '../../data/server-clock.ts';
import { describeGroup } from '../../parts/groups-table.tsx';
import { ProviderName } from '../../parts/name.tsx';
import { Report } from '../../parts/report.tsx';
import { Facts } from '../../parts/section.tsx';
import { Badge } from '../../parts/status.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import { WhatToDo } from '../../parts/what-to-do.tsx';
import { WhoWorksOn } from '../../parts/who-works-on.tsx';
import { Link } from '../../router/link.tsx';
import { windowSince } from '../../tools/call-window.ts';
import { sortCauses } from '../../tools/sort-causes.ts';
import { formatCount, formatDuration } from '../../words/format.ts';
import { FAULT_WORDS } from '../../words/terms.ts';
import { summarizeDeliveries } from '../incidents/summarize-deliveries.ts';
import { describeChangeBefore } from './describe-change.ts';
import type { Trouble } from './find-troubles.ts';

/** How many groups of failures, of those seen last, the causes are chosen from. */
const LOOKED_THROUGH = 20;
/** How many causes are shown. */
const SHOWN_CAUSES = 3;
/** How much earlier than the trouble an error group may have been seen last, in milliseconds: steps are counted. */
const SEEN_BEFORE_MS = 10 * MINUTE_MS;

/** The failures of a trouble: those of its tool that are seen since, the most frequent first, no caller's fault. */
const causesOf = (groups: readonly ErrorGroup[], since: number): ErrorGroup[] =>
  sortCauses(groups.filter(({ last_seen_at }) => Date.parse(last_seen_at) >= since - SEEN_BEFORE_MS));

const Cause = ({ group }: { group: ErrorGroup }) => (
  <>
    <Link to="error" parameters={{ id: group.group_id }} class="cause">
      <code>{group.error_code}</code> {describeGroup(group) !== group.error_code && describeGroup(group)}
    </Link>
    {(group.state === 'new' || group.state === 'regressed') && <Badge tone="warning">{group.state}</Badge>}
    {group.provider !== null && (
      <span class="note">
        {' '}
        at <ProviderName name={group.provider} />
      </span>
    )}
  </>
);

const Messages = ({ report: { messages, deliveries } }: { report: IncidentReport }) => {
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

interface TroubleProps {
  readonly trouble: Trouble;
  /** Whether the reader sees alarms, and they could be read. */
  readonly areAlarmsSeen: boolean;
}

interface AdviceProps extends TroubleProps {
  readonly fault: Fault | undefined;
}

const Advice = ({ trouble: { alarms, incident }, areAlarmsSeen, fault }: AdviceProps) => {
  const [firing] = alarms;
  if (!firing && !areAlarmsSeen)
    return incident ? (
      <span class="note">
        Runbook: <code>{incident.runbook}</code>
      </span>
    ) : (
      <span class="note">Whether an alarm fires for it is not known here.</span>
    );
  if (!firing) return <span class="note">No alarm fires for it, so the runbook has no entry.</span>;
  return <WhatToDo runbook={firing.alarm.runbook} fault={fault} />;
};

const Mutes = ({ alarms }: Pick<Trouble, 'alarms'>) => {
  const mute = alarms.find(({ alarm }) => alarm.muted)?.alarm.muted;
  if (!mute) return null;
  return (
    <p class="muted-by">
      Muted{mute.actor && ` by ${mute.actor}`}: {mute.reason} (
      {mute.ends_at === null ? (
        'without a stated end'
      ) : (
        <>
          until <Time at={mute.ends_at} />
        </>
      )}
      ). <Link to="mutes">All mutes</Link>
    </p>
  );
};

const useKnown = ({ tool, incident, alarms }: Trouble) => {
  const provider =
    providerOf(incident?.cause ?? '') ?? alarms.find(({ alarm }) => alarm.provider)?.alarm.provider ?? undefined;
  const about = tool === undefined ? { provider } : { tool };
  return {
    about,
    groups: useAnswer((tool ?? provider) ? askErrorGroups({ ...about, limit: LOOKED_THROUGH }) : undefined).answer,
    deployments: useAnswer(askDeployments()).answer?.deployments,
    report: useAnswer(incident && askIncident(incident.incident_id)),
  };
};

const Links = ({ trouble: { tool: name, incident, alarms, since } }: { trouble: Trouble }) => {
  const mayOperate = useMayOperate();
  const window = since === undefined ? {} : windowSince(since, serverNow());
  const log = alarms.find(({ alarm }) => alarm.logs_url)?.alarm.logs_url;
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
          <Link to="calls" parameters={{ tool: name, success: 'false', ...window }}>
            Failed calls
          </Link>
          {mayOperate && (
            <Link to="mutes" parameters={{ kind: 'tool', name }}>
              Mute
            </Link>
          )}
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
export const TroubleCard = (props: TroubleProps) => {
  const { trouble } = props;
  const { title, severity, since, toolNow, incident, alarms } = trouble;
  const { about, groups, deployments, report: state } = useKnown(trouble);
  const report = state.answer;
  const causes = causesOf(groups?.groups ?? [], since ?? 0);
  const fault = causes[0]?.fault ?? toolNow?.tool.most_common_fault ?? undefined;
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
                  {causes.slice(0, SHOWN_CAUSES).map((group) => (
                    <li key={group.group_id}>
                      <Cause group={group} />
                    </li>
                  ))}
                  {causes.length > SHOWN_CAUSES && (
                    <li>
                      <Link to="errors" parameters={about}>
                        {formatCount(causes.length - SHOWN_CAUSES, 'more', 'more')}
                      </Link>
                    </li>
                  )}
                </ul>,
              ]
            : undefined,
          deployments && since !== undefined
            ? ['What changed', <Link to="deployments">{describeChangeBefore(deployments, since)}</Link>]
            : undefined,
          ['What to do', <Advice {...props} fault={fault} />],
          incident ? ['Who works on it', <WhoWorksOn incident={incident} />] : undefined,
          incident
            ? ['Who was notified', <Report of={state}>{(known) => <Messages report={known} />}</Report>]
            : undefined,
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
