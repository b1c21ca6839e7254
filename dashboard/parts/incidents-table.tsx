import type { Incident } from '../../lambdas/contract/api/incidents.ts';
import { Link } from '../router/link.tsx';
import { formatDuration, formatNumber } from '../words/format.ts';
import { ToolName } from './name.tsx';
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
      { title: 'About', cell: ({ tool, cause }) => (tool === null ? cause : <ToolName name={tool} />) },
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
