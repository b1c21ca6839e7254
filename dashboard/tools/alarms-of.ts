import type { AlarmReport } from '../../lambdas/contract/alarms/alarms-report.ts';

/** An alarm that fires about one tool: its own, or an alarm over all tools that fires for this one. */
export interface FiringAlarm {
  /** As if the tool had it itself: `tool/order_status/trickle`. */
  readonly name: string;
  /** The last part of its name: what is wrong. */
  readonly condition: string;
  /** In milliseconds since 1970; undefined where CloudWatch does not say. */
  readonly since: number | undefined;
  readonly severity: AlarmReport['severity'];
  readonly alarm: AlarmReport;
}

const toFiring = (alarm: AlarmReport, { name, since }: { name: string; since: string | null }): FiringAlarm => ({
  name,
  condition: name.slice(name.lastIndexOf('/') + 1),
  since: since === null ? undefined : Date.parse(since),
  severity: alarm.severity,
  alarm,
});

/** True for an alarm that fires because something is wrong: not for a part of another, a drill, or one that watches. */
export const saysWrong = ({ state, firing_means }: AlarmReport): boolean =>
  state === 'firing' && firing_means === 'something_is_wrong';

/** What fires about a tool, the critical first. */
export const alarmsOf = (tool: string, alarms: readonly AlarmReport[]): FiringAlarm[] =>
  alarms
    .filter(saysWrong)
    .flatMap((alarm) => [
      ...(alarm.tool === tool ? [toFiring(alarm, alarm)] : []),
      ...alarm.contributors.filter((one) => one.tool === tool).map((one) => toFiring(alarm, one)),
    ])
    .sort((a, b) => a.severity.localeCompare(b.severity) || (a.since ?? 0) - (b.since ?? 0));
