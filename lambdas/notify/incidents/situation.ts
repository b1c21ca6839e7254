import { causeOf, toolOf } from '../../contract/alarms/alarm-name.ts';
import type { Severity } from '../../contract/severity.ts';
import { BLINDING, isEvaluatedByRefresh, type Topology } from './causes.ts';
import type { KnownAlarm, KnownAlarms } from './known-alarms.ts';

/** All that is known at one moment. */
export interface Situation {
  readonly alarms: KnownAlarms;
  readonly byCause: ReadonlyMap<string, readonly KnownAlarm[]>;
  /** In milliseconds since 1970. */
  readonly now: number;
  readonly topology: Topology;
}

export const situationOf = (alarms: KnownAlarms, now: number, topology: Topology): Situation => {
  const byCause = new Map<string, KnownAlarm[]>();
  for (const [name, alarm] of Object.entries(alarms)) {
    const cause = causeOf(name);
    const others = byCause.get(cause);
    if (others) others.push(alarm);
    else byCause.set(cause, [alarm]);
  }
  return { alarms, byCause, now, topology };
};

/** For how many windows an ended alarm still explains others, which may end some windows later. */
const AFTERMATH_WINDOWS: Readonly<Record<Severity, number>> = { critical: 2, warning: 6 };

/** For how long an ended alarm still explains others of this severity, in milliseconds. */
export const aftermathMsOf = ({ topology }: Situation, severity: Severity): number =>
  AFTERMATH_WINDOWS[severity] * topology.windowMs;

/** Whether an alarm about this cause fires. */
export const isFiring = ({ byCause }: Situation, cause: string): boolean =>
  (byCause.get(cause) ?? []).some((alarm) => alarm.isFiring);

/** Whether an alarm about this cause fires, or ended so recently that it explains an alarm of this severity. */
export const isOn = (situation: Situation, cause: string, severity: Severity = 'critical'): boolean =>
  (situation.byCause.get(cause) ?? []).some(
    (alarm) => alarm.isFiring || situation.now - alarm.changedAt < aftermathMsOf(situation, severity),
  );

/** The tools that depend on a provider and of which an alarm fires. */
export const findFiringDependents = (situation: Situation, provider: string): string[] =>
  Object.entries(situation.topology.tools).flatMap(([tool, facts]) =>
    facts.provider === provider && isFiring(situation, `tool/${tool}`) ? [tool] : [],
  );

/** The provider that a cause's tool shares with other tools. */
export const sharedProviderOf = ({ topology: { tools } }: Situation, cause: string): string | undefined => {
  const provider = tools[toolOf(cause) ?? '']?.provider;
  if (provider === undefined) return undefined;
  return Object.values(tools).filter((facts) => facts.provider === provider).length > 1 ? provider : undefined;
};

/**
 * Since when an alarm has been calm, in milliseconds since 1970; `undefined` while it fires. What refresh evaluates is
 * not calm while it cannot evaluate, nor until it has done so once more.
 */
export const calmSince = (situation: Situation, name: string): number | undefined => {
  const alarm = situation.alarms[name];
  if (!alarm || alarm.isFiring) return undefined;
  if (!isEvaluatedByRefresh(name)) return alarm.changedAt;
  if (BLINDING.some((cause) => isFiring(situation, cause))) return undefined;
  const evaluatedAt = BLINDING.flatMap((cause) => situation.byCause.get(cause) ?? [])
    .filter((blinding) => blinding.since <= alarm.changedAt)
    .reduce((latest, blinding) => Math.max(latest, blinding.changedAt + situation.topology.windowMs), alarm.changedAt);
  return evaluatedAt <= situation.now ? evaluatedAt : undefined;
};
