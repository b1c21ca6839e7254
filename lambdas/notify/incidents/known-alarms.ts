import { nameAlarm } from '../../contract/alarms/alarm-name.ts';
import type { Severity } from '../../contract/severity.ts';
import type { StateChange } from './incident.ts';

/** The last that is known of an alarm. */
export interface KnownAlarm {
  readonly severity: Severity;
  readonly isFiring: boolean;
  /** When it fired last, and when its state changed last; both in milliseconds since 1970. */
  readonly since: number;
  readonly changedAt: number;
  readonly withoutData: boolean;
  /** That it fired. */
  readonly notification: string;
}
export type KnownAlarms = Readonly<Record<string, KnownAlarm>>;

/** Of two changes at the same time, which nobody can order, the one that the alarm fires counts. */
const isOlder = ({ at }: StateChange, known: KnownAlarm): boolean =>
  at < known.changedAt || (at === known.changedAt && known.isFiring);

/** The alarms after changes in any order: one that is older than what is known of its alarm changes nothing. */
export const applyChanges = (alarms: KnownAlarms, changes: readonly StateChange[]): KnownAlarms => {
  const changed: Record<string, KnownAlarm> = { ...alarms };
  for (const change of changes) {
    const name = nameAlarm(change.alarm);
    const known = changed[name];
    if (known && isOlder(change, known)) continue;
    const isFiring = change.state === 'ALARM';
    const { severity, at: changedAt, withoutData = false } = change;
    const since = isFiring && !known?.isFiring ? changedAt : (known?.since ?? changedAt);
    const notification = isFiring ? change.notification : (known?.notification ?? '');
    changed[name] = { severity, isFiring, since, changedAt, withoutData, notification };
  }
  return changed;
};
