import { useAnswer } from '../../data/context.ts';
import { getAlerts, getDeployments, getErrorGroups } from '../../data/questions.ts';
import { Report } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { Badge } from '../../parts/status.tsx';
import { Ago } from '../../parts/time.tsx';
import { Link } from '../../router/link.tsx';

const SHOWN = 5;

const NewErrors = () => {
  const groups = useAnswer('groups/new', (signal) => getErrorGroups(signal, { limit: 50 }));
  return (
    <Section title="New errors" aside={<Link to="errors">All errors</Link>}>
      <Report of={groups}>
        {({ groups: all }) => {
          const fresh = all.filter(
            ({ state, fault }) => (state === 'new' || state === 'regressed') && fault !== 'caller',
          );
          if (fresh.length === 0) return <p class="note">No error is new within a day, beside callers’ faults.</p>;
          return (
            <ul class="plain">
              {fresh
                .slice(0, SHOWN)
                .map(({ group_id, name, error_code, error_message, error_type, state, last_seen_at }) => (
                  <li key={group_id}>
                    <Badge tone="warning">{state}</Badge>{' '}
                    <Link to="error" parameters={{ id: group_id }}>
                      {name}: {error_message ?? error_type ?? error_code}
                    </Link>{' '}
                    <span class="note">
                      seen <Ago at={last_seen_at} />
                    </span>
                  </li>
                ))}
            </ul>
          );
        }}
      </Report>
    </Section>
  );
};

/** Where more is to be read about what an alert is of. */
const PLACES = { webhook: 'webhooks', rule: 'rules', rate: 'limits' } as const;
const placeOf = (type: string) => PLACES[type.slice(0, type.indexOf('_')) as keyof typeof PLACES];

const OtherAlerts = () => {
  const alerts = useAnswer('alerts', getAlerts);
  return (
    <Section title="Beside the tools">
      <Report of={alerts}>
        {({ alerts: all, total }) => {
          if (total === 0)
            return <p class="note">Webhooks, rules, rate limits, requests and queries: nothing to look at.</p>;
          return (
            <ul class="plain">
              {all.slice(0, SHOWN).map(({ type, severity, tenant_id, resource_id, resource_name, message }) => {
                const place = placeOf(type);
                return (
                  <li key={`${type} ${tenant_id} ${resource_id}`}>
                    <Badge tone={severity}>{severity}</Badge>{' '}
                    {place ? <Link to={place}>{resource_name}</Link> : resource_name}{' '}
                    <span class="note">{message}</span>
                  </li>
                );
              })}
            </ul>
          );
        }}
      </Report>
    </Section>
  );
};

const LastDeployment = () => {
  const deployments = useAnswer('deployments', getDeployments);
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
