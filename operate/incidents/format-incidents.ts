import type { Incident, IncidentReport } from '../../lambdas/contract/api/incidents.ts';
import { type Cell, stateCell } from '../terminal/cell.ts';
import { formatSpan, formatTime } from '../terminal/times.ts';

const describeCalls = ({ calls, bad_calls, users }: Pick<Incident, 'calls' | 'bad_calls' | 'users'>): string =>
  calls === null ? '-' : `${bad_calls ?? 0} of ${calls}, ${users ?? 0} users`;

const describeAcknowledgement = ({ acknowledged }: Incident): string | null =>
  acknowledged &&
  `by ${acknowledged.by} at ${formatTime(acknowledged.at)} UTC${acknowledged.note === null ? '' : `: ${acknowledged.note}`}`;

/** A row for each incident, under a header. */
export const listIncidents = (incidents: readonly Incident[]): Cell[][] => [
  ['incident', 'state', 'severity', 'began (UTC)', 'lasted', 'bad calls', 'acknowledged by', 'title'],
  ...incidents.map((incident) => [
    incident.incident_id,
    stateCell(incident.state),
    stateCell(incident.severity),
    formatTime(incident.began_at),
    formatSpan(incident.duration_seconds),
    describeCalls(incident),
    incident.acknowledged?.by ?? '-',
    incident.title,
  ]),
];

/** What is to be known of one incident, a row for each thing. */
export const describeIncident = ({ incident, history }: IncidentReport): Cell[][] => {
  const rows: [string, Cell | null][] = [
    ['incident', incident.incident_id],
    ['title', incident.title],
    ['state', stateCell(incident.state)],
    ['severity', stateCell(incident.severity)],
    ['acknowledged', describeAcknowledgement(incident)],
    ['cause', incident.cause],
    ['alarms', incident.members.join(', ')],
    ['began', `${formatTime(incident.began_at)} UTC`],
    [
      'ended',
      incident.ended_at && `${formatTime(incident.ended_at)} UTC, after ${formatSpan(incident.duration_seconds)}`,
    ],
    ['calls', incident.calls === null ? null : describeCalls(incident)],
    ['opened again', incident.times_reopened > 0 ? String(incident.times_reopened) : null],
    ['seen before', history.seen_before > 0 ? `${history.seen_before} times in 90 days` : null],
    ['version then', incident.version_at_end],
    ['runbook', `docs/runbook.md, ${incident.runbook}`],
  ];
  return rows.flatMap(([title, value]) => (value === null ? [] : [[title, value]]));
};

interface Event {
  readonly at: string;
  readonly row: Cell[];
}

/** What happened around an incident, in order: deployments, changes and the last acknowledgement by people, messages. */
export const listEvents = ({ incident, messages, deliveries, deployments, changes }: IncidentReport): Cell[][] => {
  const { acknowledged } = incident;
  const events: Event[] = [
    ...deployments.map(({ started_at, version }) => ({ at: started_at, row: ['deployed', version] })),
    ...changes.map(({ at, action, actor, target, reason }) => ({
      at,
      row: ['changed', `${action} ${target} by ${actor}${reason === null ? '' : ` (${reason})`}`],
    })),
    ...(acknowledged ? [{ at: acknowledged.at, row: ['acknowledged', `by ${acknowledged.by}`] }] : []),
    ...messages.map(({ notified_at, kind, severity, title }) => ({
      at: notified_at,
      row: ['notified', `${kind}, ${severity}: ${title}`],
    })),
    ...deliveries.map(({ sent_at, channel, outcome, error }) => ({
      at: sent_at,
      row: ['sent', `${channel}: ${outcome}${error === null ? '' : `, ${error}`}`],
    })),
  ];
  return events
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at))
    .map(({ at, row }) => [formatTime(at), ...row]);
};
