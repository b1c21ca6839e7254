import { SEVERITIES, type Severity } from '../../contract/severity.ts';
import { assignCauses, waitMsOf } from './assign-causes.ts';
import { causeOf, looksBack, type Topology } from './causes.ts';
import type { IncidentMessage, MessageKind, StateChange } from './incident.ts';
import { AFTERMATH_MS, applyChange, calmSince, isOn, type KnownAlarms } from './known-alarms.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/**
 * How long all alarms of an incident must have been calm before it is over, in minutes: longer with each time that it
 * began again. An alarm is calm only after good windows of its own.
 */
const HOLD_MINUTES = [8, 15, 30, 60, 120];
/** An incident that begins within this time after its end is the same one again. */
const RELAPSE_MS = HOUR_MS;
/** How often people are notified again of an incident that lasts. */
const REPEAT_MS: Record<Severity, number> = { critical: 4 * HOUR_MS, warning: 24 * HOUR_MS };
/** What is remembered of an alarm that belongs to no incident: long enough to know an old notification as old. */
const MEMORY_MS = 24 * HOUR_MS;

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

const holdMsOf = ({ relapses }: Incident): number =>
  MINUTE_MS * (HOLD_MINUTES[Math.min(relapses, HOLD_MINUTES.length - 1)] ?? 0);

const isNotified = ({ notifiedAt }: Incident): boolean => notifiedAt !== undefined;

const highest = (severities: readonly Severity[]): Severity =>
  SEVERITIES.find((severity) => severities.includes(severity)) ?? 'warning';

/** A member that fires although what explained it ended a while ago has a cause of its own. */
const isReleased = (alarms: KnownAlarms, incident: Incident, member: string, now: number): boolean =>
  causeOf(member) !== incident.cause &&
  (alarms[member]?.isFiring ?? false) &&
  incident.members.some((other) => causeOf(other) === incident.cause) &&
  !looksBack(member) &&
  !isOn(alarms, incident.cause, now, AFTERMATH_MS[alarms[member]?.severity ?? 'warning']);

/** Incidents with each firing alarm in one of them: those that people know of, and others anew. */
function regroup({ alarms, open, ended, explained }: Incidents, now: number, topology: Topology): Incident[] {
  const reported = open.filter(isNotified).map((incident) => ({
    ...incident,
    members: incident.members.filter((member) => !isReleased(alarms, incident, member, now)),
  }));
  const known = new Set([...reported.flatMap(({ members }) => members), ...Object.keys(explained)]);
  const free = Object.keys(alarms)
    .filter((name) => alarms[name]?.isFiring && !known.has(name))
    .sort((a, b) => (alarms[a]?.since ?? 0) - (alarms[b]?.since ?? 0));
  const incidents = new Map<string, Incident>(reported.map((incident) => [incident.cause, incident]));
  const causes = assignCauses(
    free,
    alarms,
    new Map(reported.map(({ cause, severity }) => [cause, severity])),
    now,
    topology,
  );
  for (const [name, cause] of causes) {
    const incident = incidents.get(cause) ?? begin(cause, alarms[name]?.since ?? now, ended[cause]);
    const members = [...incident.members, name];
    incidents.set(cause, { ...incident, members });
  }
  return [...incidents.values()];
}

function begin(cause: string, since: number, before: Incidents['ended'][string] | undefined): Incident {
  const isRelapse = before !== undefined && since - before.at < RELAPSE_MS;
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
function findLead(alarms: KnownAlarms, { cause, members }: Incident): string {
  const own = members.filter((member) => causeOf(member) === cause);
  const candidates = own.length > 0 ? own : members;
  const severity = highest(candidates.flatMap((member) => alarms[member]?.severity ?? []));
  return candidates.find((member) => alarms[member]?.severity === severity) ?? cause;
}

function tell(kind: MessageKind, incident: Incident, alarms: KnownAlarms, now: number): IncidentMessage {
  const { id, cause, severity, members, since } = incident;
  const alarm = findLead(alarms, incident);
  const notification = alarms[alarm]?.notification ?? '';
  return { kind, incident: id, cause, severity, alarm, members, since, at: now, notification };
}

/** Since when all members have been calm that do not just follow from others; `undefined` while one is not. */
function allCalmSince(incident: Incident, alarms: KnownAlarms, now: number): number | undefined {
  const since = incident.members
    .filter((member) => !follows(member, incident, alarms))
    .map((member) => calmSince(alarms, member, now));
  return since.includes(undefined) ? undefined : Math.max(...(since as number[]));
}

/**
 * Whether a member follows from others, and so does not keep the incident open: it is less severe, or looks back for
 * hours where others as severe do not.
 */
const follows = (member: string, { members, severity }: Incident, alarms: KnownAlarms): boolean =>
  alarms[member]?.severity !== severity ||
  (looksBack(member) && members.some((other) => !looksBack(other) && alarms[other]?.severity === severity));

/** What is to be reported of an incident now, and the incident afterwards; `undefined` when it is over. */
function evaluateIncident(
  incident: Incident,
  alarms: KnownAlarms,
  now: number,
  topology: Topology,
): { incident: Incident | undefined; message?: IncidentMessage } {
  const severity = highest([
    ...(isNotified(incident) ? [incident.severity] : []),
    ...incident.members.flatMap((member) => (alarms[member]?.isFiring ? [alarms[member].severity] : [])),
  ]);
  const current = { ...incident, severity };
  const notifyNow = (kind: MessageKind) => ({
    incident: { ...current, notifiedAt: now },
    message: tell(kind, current, alarms, now),
  });
  if (incident.notifiedAt === undefined) {
    const waitMs = waitMsOf(incident.cause, incident.members, severity, alarms, topology);
    // CloudWatch's clock may be ahead of ours, which is nothing to wait for.
    if (waitMs > 0 && now < incident.since + waitMs) return { incident: current };
    return notifyNow(incident.relapses > 0 ? 'reopened' : 'opened');
  }
  const calm = allCalmSince(current, alarms, now);
  if (calm !== undefined) {
    if (now < calm + holdMsOf(incident)) return { incident: current };
    const isProven = !alarms[findLead(alarms, current)]?.withoutData;
    return { incident: undefined, message: tell(isProven ? 'over' : 'quiet', current, alarms, now) };
  }
  if (severity !== incident.severity) return notifyNow('escalated');
  return now >= incident.notifiedAt + REPEAT_MS[severity] ? notifyNow('repeated') : { incident: current };
}

/** Those that still fire, and are still explained. */
const stillExplained = (explained: Incidents['explained'], alarms: KnownAlarms, now: number) =>
  Object.fromEntries(
    Object.entries(explained).filter(([name, until]) => alarms[name]?.isFiring && (until === null || now < until)),
  );

/** Without what nobody needs to remember. */
function forget({ alarms, open, ended, explained }: Incidents, now: number): Incidents {
  const members = new Set(open.flatMap((incident) => incident.members));
  return {
    open,
    explained,
    alarms: Object.fromEntries(
      Object.entries(alarms).flatMap(([name, alarm]) => {
        if (alarm.isFiring || members.has(name)) return [[name, alarm] as const];
        return now - alarm.changedAt < MEMORY_MS ? [[name, { ...alarm, notification: '' }] as const] : [];
      }),
    ),
    ended: Object.fromEntries(Object.entries(ended).filter(([, { at }]) => now - at < MEMORY_MS)),
  };
}

/**
 * Evaluates state changes, in any order and also those it has seen before, and the passing of time: which incidents there
 * are, and what people are to be notified of now. Every firing alarm belongs to exactly one incident. People are notified of an
 * incident once when it begins, when it becomes critical, from time to time while it lasts, and when it is over; an
 * incident that ends before it was reported is never reported. Pure; call it with each change, and every minute without any.
 */
export function updateIncidents(
  incidents: Incidents,
  changes: readonly StateChange[],
  now: number,
  topology: Topology,
): { incidents: Incidents; messages: IncidentMessage[] } {
  const alarms = changes.reduce(applyChange, incidents.alarms);
  const ended = { ...incidents.ended };
  const explained = stillExplained(incidents.explained, alarms, now);
  const open: Incident[] = [];
  const messages: IncidentMessage[] = [];
  for (const grouped of regroup({ ...incidents, alarms, explained }, now, topology)) {
    const { incident, message } = evaluateIncident(grouped, alarms, now, topology);
    if (message) messages.push(message);
    if (incident) open.push(incident);
    else {
      ended[grouped.cause] = { id: grouped.id, relapses: grouped.relapses, at: now };
      for (const member of grouped.members.filter((name) => alarms[name]?.isFiring))
        explained[member] = looksBack(member) ? null : now + AFTERMATH_MS.warning;
    }
  }
  return { incidents: forget({ alarms, open, ended, explained }, now), messages };
}
