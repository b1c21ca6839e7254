import {
  type CloudWatchClient,
  GetAlarmMuteRuleCommand,
  type GetAlarmMuteRuleOutput,
  paginateListAlarmMuteRules,
} from '@aws-sdk/client-cloudwatch';
import { cutText, toLine } from '../contract/clean-line.ts';
import { MINUTE_MS } from '../contract/durations.ts';
import { MUTE_KINDS, type MuteKind } from '../contract/mutes.ts';

/** CloudWatch's limit for the alarms in one rule. */
export const ALARMS_PER_RULE = 100;
/** How many rules are read at the same time: one after another, a hundred would take many seconds. */
const READS_AT_ONCE = 10;
/** CloudWatch's limit for a description. */
const MAX_DESCRIPTION = 1_024;

/** A mute rule of CloudWatch, as far as we read it. */
export interface MuteRule {
  /** In CloudWatch. */
  readonly ruleName: string;
  readonly description: string;
  readonly alarms: readonly string[];
  readonly status: 'scheduled' | 'active' | 'ended';
  /** When it mutes, in milliseconds since 1970; undefined for one that recurs. */
  readonly window: { readonly from: number; readonly until: number } | undefined;
  /** When a rule that recurs is no longer used. */
  readonly expiresAt: number | undefined;
  readonly changedAt: number | undefined;
}

const STATUSES: Readonly<Record<string, MuteRule['status']>> = {
  SCHEDULED: 'scheduled',
  ACTIVE: 'active',
  EXPIRED: 'ended',
};

/** Milliseconds of an ISO 8601 duration such as `P1DT2H30M`. */
const parseDuration = (text: string): number => {
  const [, days = 0, hours = 0, minutes = 0] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(text) ?? [];
  return ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * MINUTE_MS;
};

export const formatDuration = (minutes: number): string => `PT${minutes}M`;

/** A time as CloudWatch takes it in a schedule, in UTC. */
export const formatAt = (ms: number): string => `at(${new Date(ms).toISOString().slice(0, 16)})`;

const windowOf = ({ Rule }: GetAlarmMuteRuleOutput): MuteRule['window'] => {
  const { Expression = '', Duration = '' } = Rule?.Schedule ?? {};
  const [, at] = /^at\((.+)\)$/.exec(Expression) ?? [];
  const from = at === undefined ? Number.NaN : Date.parse(`${at}Z`);
  return Number.isNaN(from) ? undefined : { from, until: from + parseDuration(Duration) };
};

const nameOf = (arn = ''): string | undefined => /:alarm-mute-rule:(.+)$/.exec(arn)?.[1];

/**
 * The mute rules of the account and region; all of them, or those that mute something now. Those that end while they are
 * read are left out.
 */
export const listMuteRules = async (client: CloudWatchClient, which: 'all' | 'active' = 'all'): Promise<MuteRule[]> => {
  const names: string[] = [];
  const input = which === 'active' ? { Statuses: ['ACTIVE' as const] } : {};
  for await (const { AlarmMuteRuleSummaries = [] } of paginateListAlarmMuteRules({ client }, input))
    names.push(...AlarmMuteRuleSummaries.flatMap(({ AlarmMuteRuleArn }) => nameOf(AlarmMuteRuleArn) ?? []));
  const rules: MuteRule[] = [];
  for (let first = 0; first < names.length; first += READS_AT_ONCE) {
    const some = names.slice(first, first + READS_AT_ONCE);
    const found = await Promise.all(some.map((name) => readMuteRule(client, name)));
    rules.push(...found.filter((rule) => rule !== undefined));
  }
  return rules;
};

const readMuteRule = async (client: CloudWatchClient, name: string): Promise<MuteRule | undefined> => {
  const found = await client.send(new GetAlarmMuteRuleCommand({ AlarmMuteRuleName: name })).catch(ignoreMissing);
  return (
    found && {
      ruleName: name,
      description: found.Description ?? '',
      alarms: found.MuteTargets?.AlarmNames ?? [],
      status: STATUSES[found.Status ?? ''] ?? 'scheduled',
      window: windowOf(found),
      expiresAt: found.ExpireDate?.getTime(),
      changedAt: found.LastUpdatedTimestamp?.getTime(),
    }
  );
};

const ignoreMissing = (error: unknown): undefined => {
  if (error instanceof Error && /NotFound/.test(error.name)) return undefined;
  throw error;
};

/** What a rule of ours is about, and who made it why. */
export interface MuteDescription {
  readonly kind: MuteKind;
  readonly name: string;
  readonly actor: string;
  readonly reason: string;
}

/** One line without the mark that divides a description. */
const toPart = (text: string): string => toLine(text).replaceAll('|', '¦');

/** As a person reads it in CloudWatch, and as we read it again. */
export const formatDescription = ({ kind, name, actor, reason }: MuteDescription): string =>
  cutText(`${toPart(reason)} | ${kind} ${toPart(name)} | ${toPart(actor)}`, MAX_DESCRIPTION);

const DESCRIBED = new RegExp(`^(?<reason>.*) \\| (?<kind>${MUTE_KINDS.join('|')}) (?<name>.*?) \\| (?<actor>.*)$`);

export const parseDescription = (text: string): MuteDescription | undefined => {
  const { kind, name, actor, reason } = DESCRIBED.exec(text)?.groups ?? {};
  if (kind === undefined || name === undefined || actor === undefined || reason === undefined) return undefined;
  return { kind: kind as MuteKind, name, actor, reason };
};

/** The names of the rules of one mute: a mute of more alarms than a rule takes has several. */
export const ruleNameOf = (deployment: string, id: string, index: number): string =>
  `${deployment}-mute-${id}-${index}`;

/** The id of the mute that a rule belongs to, if it is one of ours. */
export const idOfRule = (deployment: string, ruleName: string): string | undefined => {
  if (!ruleName.startsWith(`${deployment}-mute-`)) return undefined;
  return /^([0-9a-z]+)-\d+$/.exec(ruleName.slice(deployment.length + '-mute-'.length))?.[1];
};
