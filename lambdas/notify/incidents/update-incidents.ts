import { causeOf, isDrill, isEvidence } from '../../contract/alarms/alarm-name.ts';
import { HOUR_MS } from '../../contract/durations.ts';
import type { MessageKind } from '../../contract/incident-line.ts';
import { SEVERITIES, type Severity } from '../../contract/severity.ts';
import { assignCause, waitMsOf } from './assign-causes.ts';
import { looksBack, type Topology } from './causes.ts';
import type { IncidentMessage, StateChange } from './incident.ts';
import { applyChanges, type KnownAlarms } from './known-alarms.ts';
import { aftermathMsOf, calmSince, isOn, type Situation, situationOf } from './situation.ts';

/**
 * For how many windows all alarms of an incident must have been calm before it is over: more with each time that it
 * began again. An alarm is calm only after good windows of its own.
 */
const HOLD_WINDOWS = [1.6, 3, 6, 12, 24];
/** An incident that begins within so many windows after its end is the same one again. */
const RELAPSE_WINDOWS = 12;
/** How often people are notified again of an incident that lasts. */
const REPEAT_MS: Readonly<Record<Severity, number>> = { critical: 4 * HOUR_MS, warning: 24 * HOUR_MS };
/** How long an alarm that belongs to no incident is remembered, so that an old notification is known as old. */
const MEMORY_MS = 24 * HOUR_MS;
/** Of so many alarms the notification is remembered, which is most of what is remembered of one. */
const MAX_NOTIFICATIONS = 1_000;

interface Incident {
  readonly id: string;
  readonly cause: string;
  readonly members: readonly string[];
  readonly since: number;
  readonly severity: Severity;
  /** When people were notified last; `undefined` while they have not been. */
  readonly notifiedAt: number | undefined;
  readonly relapses: number;
}

/** Everything that is remembered from one evaluation to the next. Serializable as JSON. */
export interface Incidents {
  readonly alarms: KnownAlarms;
  readonly open: readonly Incident[];
  /**
   * Firing alarms that followed from an incident that is over, and until when that explains them, in milliseconds since
   * 1970; null: until they end.
   */
  readonly explained: Readonly<Record<string, number | null>>;
  /** Incidents that are over, by cause. */
  readonly ended: Readonly<Record<string, Pick<Incident, 'id' | 'relapses'> & { readonly at: number }>>;
}

export const NO_INCIDENTS: Incidents = { alarms: {}, open: [], explained: {}, ended: {} };

const isNotified = ({ notifiedAt }: Incident): boolean => notifiedAt !== undefined;

const highest = (severities: readonly Severity[]): Severity =>
  SEVERITIES.find((severity) => severities.includes(severity)) ?? 'warning';

/** A member that fires although what explained it ended a while ago has a cause of its own. */
const isReleased = (member: string, { cause, members }: Incident, situation: Situation): boolean => {
  const alarm = situation.alarms[member];
  if (!alarm?.isFiring || causeOf(member) === cause || looksBack(member)) return false;
  return members.some((other) => causeOf(other) === cause) && !isOn(situation, cause, alarm.severity);
};

/** Incidents with each firing alarm in one of them: those that people know of, and others anew. */
function regroup({ open, ended, explained }: Incidents, situation: Situation): Incident[] {
  const { alarms, topology } = situation;
  const reported = open.filter(isNotified).map((incident) => ({
    ...incident,
    members: incident.members.filter((member) => !isReleased(member, incident, situation)),
  }));
  const assigned = new Set([...reported.flatMap(({ members }) => members), ...Object.keys(explained)]);
  const free = Object.entries(alarms)
    .filter(([name, { isFiring }]) => isFiring && !assigned.has(name))
    // Evidence may have fired for hours before anything began.
    .sort(
      ([name, one], [otherName, other]) =>
        Number(isEvidence(name)) - Number(isEvidence(otherName)) || one.since - other.since,
    );
  const severities = new Map(reported.map(({ cause, severity }) => [cause, severity]));
  const incidents = new Map<string, Incident>(reported.map((incident) => [incident.cause, incident]));
  for (const [name, { since }] of free) {
    const cause = assignCause(name, severities, situation);
    const incident = incidents.get(cause) ?? begin(cause, since, ended[cause], topology);
    incidents.set(cause, { ...incident, members: [...incident.members, name] });
  }
  return [...incidents.values()];
}

function begin(
  cause: string,
  since: number,
  before: Incidents['ended'][string] | undefined,
  { windowMs }: Topology,
): Incident {
  // Each drill is one of its own, by whose id it is known everywhere.
  const isRelapse = before !== undefined && !isDrill(cause) && since - before.at < RELAPSE_WINDOWS * windowMs;
  return {
    id: isRelapse ? before.id : `${cause}@${new Date(since).toISOString()}`,
    cause,
    members: [],
    since,
    severity: 'warning',
    notifiedAt: undefined,
    relapses: isRelapse ? before.relapses + 1 : 0,
  };
}

/** The member that a message is about. */
function findLead({ cause, members }: Incident, { alarms }: Situation): string {
  const own = members.filter((member) => causeOf(member) === cause);
  const candidates = own.length > 0 ? own : members;
  const severity = highest(candidates.flatMap((member) => alarms[member]?.severity ?? []));
  return candidates.find((member) => alarms[member]?.severity === severity) ?? cause;
}

function buildMessage(kind: MessageKind, incident: Incident, situation: Situation): IncidentMessage {
  const { id, cause, severity, members, since } = incident;
  const alarm = findLead(incident, situation);
  const notification = situation.alarms[alarm]?.notification ?? '';
  return { kind, incident: id, cause, severity, alarm, members, since, at: situation.now, notification };
}

/**
 * Whether a member follows from others, and so does not keep the incident open: it is less severe, or looks back for
 * hours where others as severe do not. Evidence is no consequence: while a provider is degraded, its tools come and go.
 */
const follows = (member: string, { members, severity }: Incident, { alarms }: Situation): boolean => {
  if (isEvidence(member)) return false;
  if (alarms[member]?.severity !== severity) return true;
  return looksBack(member) && members.some((other) => !looksBack(other) && alarms[other]?.severity === severity);
};

/** Since when all members have been calm that do not just follow from others; `undefined` while one is not. */
function allCalmSince(incident: Incident, situation: Situation): number | undefined {
  const since = incident.members
    .filter((member) => !follows(member, incident, situation))
    .map((member) => calmSince(situation, member));
  return since.includes(undefined) ? undefined : Math.max(...(since as number[]));
}

const holdMsOf = ({ relapses }: Incident, { topology }: Situation): number =>
  (HOLD_WINDOWS[Math.min(relapses, HOLD_WINDOWS.length - 1)] ?? 0) * topology.windowMs;

interface Evaluated {
  /** `undefined` when it is over. */
  readonly incident: Incident | undefined;
  readonly message?: IncidentMessage;
}

/** What people are to be notified of an incident now, and the incident afterwards. */
function evaluateIncident(incident: Incident, situation: Situation): Evaluated {
  const { alarms, now } = situation;
  const firing = incident.members.filter((member) => alarms[member]?.isFiring);
  const severities = firing.flatMap((member) => alarms[member]?.severity ?? []);
  const severity = highest(isNotified(incident) ? [incident.severity, ...severities] : severities);
  const current = { ...incident, severity };
  const notify = (kind: MessageKind): Evaluated => ({
    incident: { ...current, notifiedAt: now },
    message: buildMessage(kind, current, situation),
  });
  if (incident.notifiedAt === undefined) {
    if (firing.every(isEvidence)) return { incident: current };
    const waitMs = waitMsOf(incident, severity, situation);
    // CloudWatch's clock may be ahead of ours, which is nothing to wait for.
    if (waitMs > 0 && now < incident.since + waitMs) return { incident: current };
    return notify(incident.relapses > 0 ? 'reopened' : 'opened');
  }
  const calm = allCalmSince(current, situation);
  if (calm !== undefined) {
    if (now < calm + holdMsOf(incident, situation)) return { incident: current };
    const isProven = !alarms[findLead(current, situation)]?.withoutData;
    return { incident: undefined, message: buildMessage(isProven ? 'over' : 'quiet', current, situation) };
  }
  if (severity !== incident.severity) return notify('escalated');
  const isRepeated = now >= incident.notifiedAt + REPEAT_MS[severity] && !firing.every(isEvidence);
  return isRepeated ? notify('repeated') : { incident: current };
}

/** Those that still fire, and are still explained. */
const stillExplained = (explained: Incidents['explained'], alarms: KnownAlarms, now: number) =>
  Object.fromEntries(
    Object.entries(explained).filter(([name, until]) => alarms[name]?.isFiring && (until === null || now < until)),
  );

/** With the notifications of those that people are not notified of yet, and of the latest others. */
function limitNotifications(alarms: KnownAlarms, open: readonly Incident[]): KnownAlarms {
  const notified = Object.entries(alarms).filter(([, { notification }]) => notification !== '');
  if (notified.length <= MAX_NOTIFICATIONS) return alarms;
  const awaited = open.flatMap((incident) => (isNotified(incident) ? [] : incident.members));
  const latest = notified.toSorted(([, one], [, other]) => other.changedAt - one.changedAt).map(([name]) => name);
  const retained = new Set([...new Set([...awaited, ...latest])].slice(0, MAX_NOTIFICATIONS));
  return Object.fromEntries(
    Object.entries(alarms).map(([name, alarm]) => [name, retained.has(name) ? alarm : { ...alarm, notification: '' }]),
  );
}

/** Without what nobody needs to remember. */
function forget({ alarms, open, ended, explained }: Incidents, now: number): Incidents {
  const members = new Set(open.flatMap((incident) => incident.members));
  const remembered = Object.entries(alarms).flatMap(([name, alarm]) => {
    if (alarm.isFiring || members.has(name)) return [[name, alarm] as const];
    return now - alarm.changedAt < MEMORY_MS ? [[name, { ...alarm, notification: '' }] as const] : [];
  });
  return {
    open,
    explained,
    alarms: limitNotifications(Object.fromEntries(remembered), open),
    ended: Object.fromEntries(Object.entries(ended).filter(([, { at }]) => now - at < MEMORY_MS)),
  };
}

/**
 * Updates incidents by state changes, in any order and also those it has seen before, and by the passing of time; with
 * what people are to be notified of now. Every firing alarm belongs to exactly one incident. People are notified of an
 * incident once when it begins, when it becomes critical, from time to time while it lasts, and when it is over; never of
 * one that ends before that, or that has only evidence. Pure; call it with each change, and every minute without any.
 */
export function updateIncidents(
  incidents: Incidents,
  changes: readonly StateChange[],
  now: number,
  topology: Topology,
): { incidents: Incidents; messages: IncidentMessage[] } {
  const alarms = applyChanges(incidents.alarms, changes);
  const situation = situationOf(alarms, now, topology);
  const ended = { ...incidents.ended };
  const explained = stillExplained(incidents.explained, alarms, now);
  const open: Incident[] = [];
  const messages: IncidentMessage[] = [];
  for (const grouped of regroup({ ...incidents, explained }, situation)) {
    const { incident, message } = evaluateIncident(grouped, situation);
    if (message) messages.push(message);
    if (incident) {
      open.push(incident);
      continue;
    }
    ended[grouped.cause] = { id: grouped.id, relapses: grouped.relapses, at: now };
    for (const member of grouped.members.filter((name) => alarms[name]?.isFiring))
      explained[member] = looksBack(member) ? null : now + aftermathMsOf(situation, 'warning');
  }
  return { incidents: forget({ alarms, open, ended, explained }, now), messages };
}
