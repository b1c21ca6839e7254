import type { AlarmReport } from '../../lambdas/contract/alarms/alarms-report.ts';

/** An alarm that fires because something is wrong: one of its own, or what an alarm over many names fires for. */
export interface FiringAlarm {
  /** As if what it fires for had the alarm itself: `tool/order_status/trickle`. */
  readonly name: string;
  /** The tool that it is about; null for an alarm of anything else. */
  readonly tool: string | null;
  /** The last part of its name: what is wrong. */
  readonly condition: string;
  /** In milliseconds since 1970; undefined where CloudWatch does not say. */
  readonly since: number | undefined;
  readonly severity: AlarmReport['severity'];
  /** Why, in CloudWatch's words. */
  readonly reason: string;
  readonly alarm: AlarmReport;
}

type Named = Pick<AlarmReport, 'name' | 'tool' | 'since' | 'reason'>;

const toFiring = (alarm: AlarmReport, { name, tool, since, reason }: Named): FiringAlarm => ({
  name,
  tool,
  condition: name.slice(name.lastIndexOf('/') + 1),
  since: since === null ? undefined : Date.parse(since),
  severity: alarm.severity,
  reason,
  alarm,
});

/** True for an alarm that fires because something is wrong: not for a part of another, a drill, or one that watches. */
export const saysWrong = ({ state, firing_means }: AlarmReport): boolean =>
  state === 'firing' && firing_means === 'something_is_wrong';

/** An alarm over many names stands for those that its report leaves out. */
const namesOf = (alarm: AlarmReport): Named[] =>
  alarm.contributors.length === 0 || alarm.has_more_contributors ? [...alarm.contributors, alarm] : alarm.contributors;

/** What fires, the critical first; of an alarm over many names, each name that it fires for. */
export const firingIn = (alarms: readonly AlarmReport[]): FiringAlarm[] =>
  alarms
    .filter(saysWrong)
    .flatMap((alarm) => namesOf(alarm).map((named) => toFiring(alarm, named)))
    .sort((a, b) => a.severity.localeCompare(b.severity) || (a.since ?? 0) - (b.since ?? 0));

/** What of all that fires is about a tool. */
export const alarmsOf = (tool: string, firing: readonly FiringAlarm[]): FiringAlarm[] =>
  firing.filter((alarm) => alarm.tool === tool);
