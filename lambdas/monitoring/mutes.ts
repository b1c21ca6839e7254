import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { DAY_MS } from '../contract/durations.ts';
import { MAX_NAMED_IN_MUTE, type Mute, type SwallowedPage } from '../contract/mutes.ts';
import { readHistory, type StateUpdate } from './alarm-history.ts';
import { type DeployedAlarm, listAlarms } from './alarms.ts';
import { idOfRule, listMuteRules, type MuteRule, parseDescription } from './mute-rules.ts';

/** How far back it is read what a mute swallowed. */
const SWALLOWED_MS = 7 * DAY_MS;

/** What mutes are described by. */
export interface Observed {
  readonly deployment: string;
  readonly alarms: readonly DeployedAlarm[];
  readonly rules: readonly MuteRule[];
  readonly history: readonly StateUpdate[];
}

interface ObservedPlace {
  readonly cloudwatch: CloudWatchClient;
  readonly deployment: string;
  /** What it puts before its alarms' names. */
  readonly alarmPrefix: string;
  readonly now: () => number;
}

/** Reads from CloudWatch what the mutes of a deployment are described by. */
export const observeMutes = async (place: ObservedPlace): Promise<Observed> => {
  const { cloudwatch, deployment, alarmPrefix, now } = place;
  const [alarms, rules, history] = await Promise.all([
    listAlarms(cloudwatch, alarmPrefix),
    listMuteRules(cloudwatch),
    readHistory(cloudwatch, now() - SWALLOWED_MS),
  ]);
  return { deployment, alarms, rules, history };
};

export const toInstant = (ms: number | undefined): string | null =>
  ms === undefined ? null : new Date(ms).toISOString();

/** The rules of each mute; a rule that is not ours is one by itself, if it mutes one of the deployment's alarms. */
const groupRules = ({ deployment, alarms, rules }: Observed): Map<string, MuteRule[]> => {
  const known = new Set(alarms.map(({ fullName }) => fullName));
  const groups = new Map<string, MuteRule[]>();
  for (const rule of rules) {
    const own = idOfRule(deployment, rule.ruleName);
    if (own === undefined && !rule.alarms.some((name) => known.has(name))) continue;
    const id = own ?? rule.ruleName;
    groups.set(id, [...(groups.get(id) ?? []), rule]);
  }
  return groups;
};

/**
 * The notifications that alarms did not send because of a rule. Of one that recurs nothing is known of earlier times, so
 * only what fires while it is active counts.
 */
const findSwallowed = (rules: readonly MuteRule[], { alarms, history }: Observed): SwallowedPage[] => {
  const byName = new Map(alarms.map((alarm) => [alarm.fullName, alarm]));
  return history.flatMap(({ fullName, state, at }) => {
    const alarm = byName.get(fullName);
    if (!alarm?.hasActions || state !== 'ALARM') return [];
    const isMuted = rules.some(
      ({ window, alarms: muted }) => window && muted.includes(fullName) && at >= window.from && at < window.until,
    );
    return isMuted ? [{ alarm: alarm.name, severity: alarm.severity, at: new Date(at).toISOString() }] : [];
  });
};

/** The mutes of a deployment, the newest first, with what was not sent because of each. */
export const describeMutes = (observed: Observed): Mute[] => {
  const firing = new Set(observed.alarms.filter(({ state }) => state === 'firing').map(({ fullName }) => fullName));
  const shortNames = new Map(observed.alarms.map(({ fullName, name }) => [fullName, name]));
  const nameAll = (names: readonly string[]) => names.map((name) => shortNames.get(name) ?? name);
  const mutes = [...groupRules(observed)].flatMap(([id, rules]): Mute[] => {
    const [first] = rules;
    if (!first) return [];
    const described = parseDescription(first.description);
    const alarms = rules.flatMap((rule) => rule.alarms);
    const swallowed = findSwallowed(rules, observed);
    return [
      {
        id,
        kind: described?.kind ?? 'rule',
        name: described?.name ?? first.ruleName,
        reason: described?.reason ?? first.description,
        actor: described?.actor ?? null,
        starts_at: toInstant(first.window?.from),
        ends_at: toInstant(first.window?.until ?? first.expiresAt),
        changed_at: toInstant(first.changedAt),
        status: first.status,
        alarms: nameAll(alarms).slice(0, MAX_NAMED_IN_MUTE),
        alarms_total: alarms.length,
        firing: nameAll(alarms.filter((name) => firing.has(name))).slice(0, MAX_NAMED_IN_MUTE),
        swallowed: swallowed.slice(0, MAX_NAMED_IN_MUTE),
        swallowed_total: swallowed.length,
      },
    ];
  });
  return mutes.sort((one, other) => (other.changed_at ?? '').localeCompare(one.changed_at ?? ''));
};
