import { randomUUID } from 'node:crypto';
import type { IncidentMessage, MessageKind, StateChange } from './incident.ts';

/** The open incidents, by their alarms. Serializable as JSON. */
export interface Incidents {
  readonly open: Readonly<
    Record<string, { readonly id: string; readonly since: number; readonly change: StateChange }>
  >;
}

export const NO_INCIDENTS: Incidents = { open: {} };

/** What the engine knows about the deployment; serializable as JSON. */
export interface Topology {
  readonly tools: Readonly<Record<string, { readonly provider?: string }>>;
}

/** One incident for each alarm. Pure. */
export const judgeChanges = (
  incidents: Incidents,
  changes: readonly StateChange[],
  now: number,
  _topology: Topology,
): { incidents: Incidents; messages: IncidentMessage[] } => {
  const open = { ...incidents.open };
  const messages: IncidentMessage[] = [];
  for (const change of [...changes].sort((a, b) => a.at - b.at)) {
    const { alarm, severity } = change;
    const known = open[alarm];
    if (change.state === 'ALARM' ? known : !known) continue;
    const { id, since } = known ?? { id: randomUUID(), since: change.at };
    const kind: MessageKind = known ? 'over' : 'opened';
    if (known) delete open[alarm];
    else open[alarm] = { id, since, change };
    const { notification } = change;
    messages.push({
      kind,
      incident: id,
      cause: alarm,
      severity,
      alarm,
      members: [alarm],
      since,
      at: now,
      notification,
    });
  }
  return { incidents: { open }, messages };
};
