import type { Topology } from './incidents/causes.ts';
import type { IncidentMessage, StateChange } from './incidents/incident.ts';
import type { Incidents, updateIncidents } from './incidents/update-incidents.ts';

/** What follows from changes of alarms and from the passing of time. */
export interface Decision {
  readonly incidents: Incidents;
  readonly messages: readonly IncidentMessage[];
  /** Those that nothing could be decided about: recipients get them as they came. */
  readonly undecided: readonly StateChange[];
}

interface DecideOptions {
  readonly update: typeof updateIncidents;
  readonly now: number;
  readonly topology: Topology;
  /** Receives the error of each change that nothing could be decided about. */
  readonly onUndecided: (error: unknown) => void;
}

/** Decides about changes one after another, so that one which cannot be decided about does not stop the others. */
const decideOneByOne = (
  before: Incidents,
  changes: readonly StateChange[],
  { update, now, topology, onUndecided }: DecideOptions,
): Decision => {
  let incidents = before;
  const messages: IncidentMessage[] = [];
  const undecided: StateChange[] = [];
  for (const change of changes) {
    try {
      const decided = update(incidents, [change], now, topology);
      incidents = decided.incidents;
      messages.push(...decided.messages);
    } catch (error) {
      onUndecided(error);
      undecided.push(change);
    }
  }
  return { incidents, messages, undecided };
};

/** What people are notified of. Throws only when nothing can be decided even without a change. */
export const decide = (incidents: Incidents, changes: readonly StateChange[], options: DecideOptions): Decision => {
  try {
    return { ...options.update(incidents, changes, options.now, options.topology), undecided: [] };
  } catch (error) {
    if (changes.length === 0) throw error;
    return decideOneByOne(incidents, changes, options);
  }
};
