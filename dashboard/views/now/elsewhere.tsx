import type { AlertsReport } from '../../../lambdas/contract/monitoring-reports.ts';
import { useAnswer } from '../../data/context.ts';
import { askAlerts, askDeployments, askGroupsIn } from '../../data/questions.ts';
import { describeGroup } from '../../parts/groups-table.tsx';
import { More, Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { Badge } from '../../parts/status.tsx';
import { joinKey } from '../../parts/table.tsx';
import { Ago } from '../../parts/time.tsx';
import { Link } from '../../router/link.tsx';
import { formatCount, formatNumber } from '../../words/format.ts';

const SHOWN = 5;

interface GroupsInProps {
  readonly state: 'new' | 'regressed';
  /** What is said where there is none. */
  readonly none: string;
}

/** Groups of failures in one state, beside those by callers' faults. */
const GroupsIn = ({ state, none }: GroupsInProps) => {
  const groups = useAnswer(askGroupsIn(state));
  return (
    <Report of={groups}>
      {({ groups: all, next }) => {
        const notByCallers = all.filter(({ fault }) => fault !== 'caller');
        const left = notByCallers.length - SHOWN;
        const isWhole = next === null;
        return (
          <>
            {notByCallers.length === 0 && isWhole && <p class="note">{none}</p>}
            {notByCallers.length > 0 && (
              <ul class="plain">
                {notByCallers.slice(0, SHOWN).map((group) => (
                  <li key={group.group_id}>
                    <Badge tone="warning">{state}</Badge>{' '}
                    <Link to="error" parameters={{ id: group.group_id }}>
                      {group.name}: {describeGroup(group)}
                    </Link>{' '}
                    <span class="note">
                      seen <Ago at={group.last_seen_at} />
                    </span>
                  </li>
                ))}
              </ul>
            )}
            {(left > 0 || !isWhole) && (
              <More>
                <Link to="errors" parameters={{ state }}>
                  {isWhole ? `${formatNumber(left)} more that are ${state}` : `All that are ${state}`}
                </Link>
              </More>
            )}
          </>
        );
      }}
    </Report>
  );
};

const NewErrors = () => (
  <Section title="New errors" aside={<Link to="errors">All errors</Link>}>
    <GroupsIn state="new" none="No error is new, beside callers’ faults." />
    <GroupsIn state="regressed" none="None came back after it was resolved." />
  </Section>
);

type Alert = AlertsReport['alerts'][number];

/** Where more is to be read about what an alert is of. */
const PLACES = { webhook: 'webhooks', rule: 'rules', rate: 'limits' } as const;
const placeOf = (type: string) => PLACES[type.slice(0, type.indexOf('_')) as keyof typeof PLACES];

const Alerts = ({ alerts }: { alerts: readonly Alert[] }) => (
  <ul class="plain">
    {alerts.map(({ type, severity, tenant_id, resource_id, resource_name, message }) => {
      const place = placeOf(type);
      return (
        <li key={joinKey(type, tenant_id, resource_id)}>
          <Badge tone={severity}>{severity}</Badge> {place ? <Link to={place}>{resource_name}</Link> : resource_name}{' '}
          <span class="note">{message}</span>
        </li>
      );
    })}
  </ul>
);

const OtherAlerts = () => {
  const alerts = useAnswer(askAlerts());
  return (
    <Section title="Beside the tools">
      <Report of={alerts}>
        {({ alerts: all, total }) => {
          if (total === 0)
            return <p class="note">Webhooks, rules, rate limits, requests and queries: nothing to look at.</p>;
          const rest = all.slice(SHOWN);
          return (
            <>
              <Alerts alerts={all.slice(0, SHOWN)} />
              {rest.length > 0 && (
                <details>
                  <summary class="note">{formatCount(rest.length, 'more', 'more')}</summary>
                  <Alerts alerts={rest} />
                </details>
              )}
              {total > all.length && (
                <More>
                  These are the worst {formatNumber(all.length)} of {formatNumber(total)}.
                </More>
              )}
            </>
          );
        }}
      </Report>
    </Section>
  );
};

const LastDeployment = () => {
  const deployments = useAnswer(askDeployments());
  return (
    <Section title="Last deployment" aside={<Link to="deployments">All deployments</Link>}>
      <Report of={deployments}>
        {({ deployments: [newest] }) =>
          newest ? (
            <p>
              Version {newest.version}, <Ago at={newest.started_at} />
            </p>
          ) : (
            <p class="note">None is known.</p>
          )
        }
      </Report>
    </Section>
  );
};

/** What else is worth a look: new errors, what is no tool, and what was deployed. */
export const Elsewhere = () => (
  <div class="columns">
    <NewErrors />
    <OtherAlerts />
    <LastDeployment />
  </div>
);
