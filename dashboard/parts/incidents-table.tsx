import { providerOf } from '../../lambdas/contract/alarms/alarm-name.ts';
import type { Incident } from '../../lambdas/contract/api/incidents.ts';
import { serverNow } from '../data/server-clock.ts';
import { Link } from '../router/link.tsx';
import { type CallWindow, windowAround, windowSince } from '../tools/call-window.ts';
import { formatDuration, formatNumber } from '../words/format.ts';
import { ProviderName, ToolName } from './name.tsx';
import { Badge } from './status.tsx';
import { Table } from './table.tsx';
import { Time } from './time.tsx';
import { WhoWorksOn } from './who-works-on.tsx';

const WORDS: Readonly<Record<Incident['state'], string>> = {
  open: 'open',
  over: 'over',
  quiet: 'quiet, not proven well',
};

export const IncidentState = ({
  incident: { state, severity },
}: {
  incident: Pick<Incident, 'state' | 'severity'>;
}) => <Badge tone={state === 'open' ? severity : { over: 'healthy', quiet: 'quiet' }[state]}>{WORDS[state]}</Badge>;

/** The window of an incident's calls, as lists of calls take it. */
export const windowOfIncident = (
  { began_at, ended_at }: Pick<Incident, 'began_at' | 'ended_at'>,
  now: number,
): CallWindow =>
  ended_at === null ? windowSince(Date.parse(began_at), now) : windowAround(Date.parse(began_at), Date.parse(ended_at));

/** What an incident is about; where that is a tool or a provider, its name leads to it. */
export const IncidentCause = ({ incident }: { incident: Incident }) => {
  const { tool, cause } = incident;
  const provider = providerOf(cause);
  if (tool !== null) return <ToolName name={tool} />;
  return provider === undefined ? (
    <span>{cause}</span>
  ) : (
    <ProviderName name={provider} window={windowOfIncident(incident, serverNow())} />
  );
};

/** Incidents, the newest first. */
export const IncidentsTable = ({ title, incidents }: { title: string; incidents: readonly Incident[] }) => (
  <Table
    title={title}
    rows={incidents}
    keyOf={({ incident_id }) => incident_id}
    columns={[
      {
        title: 'Incident',
        kind: 'text',
        cell: ({ incident_id, title: words }) => (
          <Link to="incident" parameters={{ id: incident_id }}>
            {words}
          </Link>
        ),
      },
      { title: 'State', cell: (incident) => <IncidentState incident={incident} /> },
      { title: 'Severity', cell: ({ severity }) => severity },
      { title: 'About', cell: (incident) => <IncidentCause incident={incident} /> },
      { title: 'Began', cell: ({ began_at }) => <Time at={began_at} /> },
      { title: 'Lasted', kind: 'number', cell: ({ duration_seconds }) => formatDuration(duration_seconds * 1_000) },
      {
        title: 'Works on it',
        kind: 'text',
        cell: (incident) => (incident.acknowledged === null ? '–' : <WhoWorksOn incident={incident} />),
      },
      { title: 'Messages', kind: 'number', cell: ({ messages }) => formatNumber(messages) },
    ]}
  />
);
