import type { Severity } from '../../contract/severity.ts';
import { BLINDING, causeOf, isEvaluatedByRefresh, nameAlarm, toolOf } from './causes.ts';
import type { StateChange } from './incident.ts';

/** The last that is known of an alarm. */
interface KnownAlarm {
  readonly severity: Severity;
  readonly isFiring: boolean;
  /** When it fired last, and when its state changed last; both in milliseconds since 1970. */
  readonly since: number;
  readonly changedAt: number;
  readonly withoutData: boolean;
  readonly notification: string;
}
export type KnownAlarms = Readonly<Record<string, KnownAlarm>>;

/** How long an ended alarm still explains others, which may end some windows later, in milliseconds. */
export const AFTERMATH_MS: Readonly<Record<Severity, number>> = { critical: 10 * 60_000, warning: 30 * 60_000 };
/** How long after the store is back its evaluation is awaited, in milliseconds: a refresh. */
const CATCH_UP_MS = 5 * 60_000;

/** The alarms after a change. A change that is older than what is known of the alarm, or the same, changes nothing. */
export const applyChange = (alarms: KnownAlarms, change: StateChange): KnownAlarms => {
  const name = nameAlarm(change.alarm);
  const known = alarms[name];
  if (known && change.at <= known.changedAt && !(change.at === known.changedAt && !known.isFiring)) return alarms;
  const isFiring = change.state === 'ALARM';
  const since = isFiring && !known?.isFiring ? change.at : (known?.since ?? change.at);
  const { severity, at: changedAt, withoutData = false } = change;
  const notification = isFiring || !known ? change.notification : known.notification;
  return { ...alarms, [name]: { severity, isFiring, since, changedAt, withoutData, notification } };
};

const isOfCause = (cause: string) => (name: string) => causeOf(name) === cause;

/** Whether an alarm about this cause fires, or ended a short time ago. */
export const isOn = (alarms: KnownAlarms, cause: string, now: number, aftermathMs = AFTERMATH_MS.critical): boolean =>
  Object.keys(alarms)
    .filter(isOfCause(cause))
    .some((name) => alarms[name]?.isFiring || now - (alarms[name]?.changedAt ?? 0) < aftermathMs);

/** Whether an alarm about this cause fires. */
export const isFiring = (alarms: KnownAlarms, cause: string): boolean =>
  Object.keys(alarms)
    .filter(isOfCause(cause))
    .some((name) => alarms[name]?.isFiring);

/** Those of these tools of which an alarm fires. */
export const findFiringTools = (alarms: KnownAlarms, tools: readonly string[]): string[] => {
  const firing = new Set(
    Object.keys(alarms).flatMap((name) => (alarms[name]?.isFiring ? [toolOf(causeOf(name))] : [])),
  );
  return tools.filter((tool) => firing.has(tool));
};

/**
 * Since when an alarm has been calm, in milliseconds since 1970; `undefined` while it fires. What the store evaluates is
 * not calm while the store cannot evaluate.
 */
export const calmSince = (alarms: KnownAlarms, name: string, now: number): number | undefined => {
  const alarm = alarms[name];
  if (!alarm) return 0;
  if (alarm.isFiring) return undefined;
  if (!isEvaluatedByRefresh(name)) return alarm.changedAt;
  if (BLINDING.some((cause) => isFiring(alarms, cause))) return undefined;
  const blindUntil = BLINDING.flatMap((cause) =>
    alarms[cause] && alarms[cause].since <= alarm.changedAt ? [alarms[cause].changedAt + CATCH_UP_MS] : [],
  );
  const evaluatedAt = Math.max(alarm.changedAt, ...blindUntil.filter((until) => until > alarm.changedAt));
  return evaluatedAt <= now ? evaluatedAt : undefined;
};
