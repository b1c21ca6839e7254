import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { matchesPattern } from '../contract/alarm-pattern.ts';
import { causeOf, isDrill, isEvidence, NOTIFIER_WORKS, providerOf, toolOf } from '../contract/alarms/alarm-name.ts';
import {
  ALARM_STATES,
  type AlarmContributor,
  type AlarmReport,
  type AlarmState,
  type AlarmsQuery,
  type AlarmsReport,
  MAX_CONTRIBUTORS,
  POSITION,
} from '../contract/alarms/alarms-report.ts';
import { cutText } from '../contract/clean-line.ts';
import type { Mute } from '../contract/mutes.ts';
import { headingOf, type RunbookAdvice } from '../contract/runbook.ts';
import { SEVERITIES, type Severity } from '../contract/severity.ts';
import { type DeployedAlarm, listAlarms, listContributors } from '../monitoring/alarms.ts';
import { listMuteRules, type MuteRule } from '../monitoring/mute-rules.ts';
import { describeMutes, toInstant } from '../monitoring/mutes.ts';
import type { OperationHandlers } from './operator.ts';

interface AlarmParts {
  readonly cloudwatch: CloudWatchClient;
  readonly deployment: string;
  /** What it puts before its alarms' names. */
  readonly alarmPrefix: string;
  /** What the runbook says to do, by heading. */
  readonly advice: RunbookAdvice;
}

/** CloudWatch's longest reason has 1,023 characters; what is longer is an attribute of a contributor. */
const MAX_REASON = 1_023;

/** The fields that every alarm's description ends with. */
const FIELD = /^(?<field>Severity|Runbook|Logs|Dashboard): (?<value>.+)$/;
const OWNER = / Owner: (?<owner>.+)\.$/;

interface Described {
  readonly means: string;
  readonly owner: string | undefined;
  readonly runbookUrl: string | undefined;
  readonly logsUrl: string | undefined;
}

const wholeUrl = (text: string | undefined): string | undefined =>
  text !== undefined && URL.parse(text)?.protocol === 'https:' ? text : undefined;

/** What an alarm's description says, which `describeAlarm` in `lib` composes. */
const readDescription = (description: string): Described => {
  const lines = description.split('\n');
  const fields = new Map(
    lines.flatMap((line) => {
      const { field, value } = FIELD.exec(line)?.groups ?? {};
      return field === undefined || value === undefined ? [] : [[field, value]];
    }),
  );
  return {
    means: lines.filter((line) => !FIELD.test(line)).join(' '),
    owner: OWNER.exec(fields.get('Severity') ?? '')?.groups?.owner,
    runbookUrl: wholeUrl(fields.get('Runbook')),
    logsUrl: wholeUrl(fields.get('Logs')),
  };
};

interface Place {
  readonly state: AlarmState;
  readonly severity: Severity;
  readonly name: string;
}

/** Alarms that fire are the most urgent, but for the one that fires while all is well. */
const rankOf = ({ state, name }: Place): number =>
  ALARM_STATES.indexOf(state === 'firing' && name === NOTIFIER_WORKS ? 'ok' : state);

/** The order of alarms: the most urgent first, then by severity and name. */
const compare = (one: Place, other: Place): number =>
  rankOf(one) - rankOf(other) ||
  SEVERITIES.indexOf(one.severity) - SEVERITIES.indexOf(other.severity) ||
  Number(one.name > other.name) - Number(one.name < other.name);

/** An alarm's place in this order, from which a list of alarms goes on. It holds also when the alarm is gone. */
const placeIn = (after: string): Place => {
  const { groups } = POSITION.exec(after) ?? {};
  return groups as unknown as Place; // which the schema of the query has checked
};

const readContributors = async (
  { cloudwatch }: AlarmParts,
  alarm: DeployedAlarm,
  atLeast?: number,
): Promise<AlarmContributor[]> => {
  if (alarm.state !== 'firing' || !alarm.isGrouped) return [];
  const found = await listContributors(cloudwatch, alarm, atLeast);
  return found.map(({ name, since, reason }) => ({
    name,
    tool: toolOf(causeOf(name)) ?? null,
    since: toInstant(since),
    reason: cutText(reason, MAX_REASON),
  }));
};

type Found = DeployedAlarm & { readonly contributors: readonly AlarmContributor[] };

/** Whether an alarm fits the query, whatever its contributors are. */
const isAsked = ({ severity, provider, name }: AlarmsQuery, alarm: DeployedAlarm): boolean =>
  (severity === undefined || alarm.severity === severity) &&
  (name === undefined || matchesPattern(name, alarm.name)) &&
  (provider === undefined || providerOf(causeOf(alarm.name)) === provider);

/**
 * The alarms of a tool, with those over many names that fire for it: its own contributors are their first. All are read,
 * because those of the tool may be the last.
 */
const findOfTool = async (parts: AlarmParts, tool: string, alarms: readonly DeployedAlarm[]): Promise<Found[]> => {
  const found = await Promise.all(
    alarms.map(async (alarm) => {
      const contributors = await readContributors(parts, alarm);
      const own = contributors.filter((each) => each.tool === tool);
      const isOfTool = own.length > 0 || toolOf(causeOf(alarm.name)) === tool;
      const others = contributors.filter((each) => each.tool !== tool);
      return isOfTool ? [{ ...alarm, contributors: [...own, ...others] }] : [];
    }),
  );
  return found.flat();
};

const findMute = (mutes: readonly { mute: Mute; alarms: ReadonlySet<string> }[], fullName: string) => {
  const found = mutes.find(({ alarms }) => alarms.has(fullName))?.mute;
  return found ? { id: found.id, reason: found.reason, actor: found.actor, ends_at: found.ends_at } : null;
};

/** The mutes of now, each with all of its alarms: an answer about mutes names only the first of them. */
const describeActive = (deployment: string, alarms: readonly DeployedAlarm[], rules: readonly MuteRule[]) =>
  rules.flatMap((rule) =>
    describeMutes({ deployment, alarms, rules: [rule], history: [] }).map((mute) => ({
      mute,
      alarms: new Set(rule.alarms),
    })),
  );

const actionsOf = ({ hasActions, isEnabled }: DeployedAlarm): AlarmReport['actions'] => {
  if (!hasActions) return 'none';
  return isEnabled ? 'on' : 'off';
};

const meaningOf = ({ name, hasActions }: DeployedAlarm): AlarmReport['firing_means'] => {
  if (name === NOTIFIER_WORKS) return 'all_is_well';
  if (isDrill(name)) return 'drill';
  return hasActions && !isEvidence(name) ? 'something_is_wrong' : 'part_of_another';
};

const toReport = (found: Found, { advice }: AlarmParts, muted: AlarmReport['muted']): AlarmReport => {
  const { means, owner, runbookUrl, logsUrl } = readDescription(found.description);
  const heading = headingOf(found.name);
  const known = Object.hasOwn(advice, heading) ? advice[heading] : undefined;
  const cause = causeOf(found.name);
  return {
    name: found.name,
    cloudwatch_name: found.fullName,
    state: found.state,
    since: toInstant(found.since),
    reason: cutText(found.reason, MAX_REASON),
    severity: found.severity,
    owner: owner ?? null,
    tool: toolOf(cause) ?? null,
    provider: providerOf(cause) ?? null,
    means,
    runbook: {
      heading,
      url: runbookUrl ?? null,
      advice: known?.sentence ?? null,
      advice_by_fault: known?.byFault ?? {},
    },
    logs_url: logsUrl ?? null,
    firing_means: meaningOf(found),
    actions: actionsOf(found),
    muted,
    contributors: found.contributors.slice(0, MAX_CONTRIBUTORS),
    has_more_contributors: found.contributors.length > MAX_CONTRIBUTORS,
  };
};

/** GET /v1/alarms: live from CloudWatch, and nothing of it is stored or remembered. */
const readAlarms = async (parts: AlarmParts, query: AlarmsQuery): Promise<AlarmsReport> => {
  const { cloudwatch, deployment, alarmPrefix } = parts;
  const deployed = await listAlarms(cloudwatch, alarmPrefix, query.state);
  const fitting = deployed.filter((alarm) => isAsked(query, alarm));
  const found: (DeployedAlarm | Found)[] =
    query.tool === undefined ? fitting : await findOfTool(parts, query.tool, fitting);
  const asked = [...found].sort(compare);
  const from = query.after === undefined ? undefined : placeIn(query.after);
  const rest = from === undefined ? asked : asked.filter((alarm) => compare(alarm, from) > 0);
  const shown = rest.slice(0, query.limit);
  const rules = shown.length > 0 ? await listMuteRules(cloudwatch, 'active') : [];
  const mutes = describeActive(deployment, deployed, rules);
  const last = rest.length > shown.length ? shown.at(-1) : undefined;
  const alarms = shown.map(async (alarm) => {
    const contributors =
      'contributors' in alarm ? alarm.contributors : await readContributors(parts, alarm, MAX_CONTRIBUTORS + 1);
    return toReport({ ...alarm, contributors }, parts, findMute(mutes, alarm.fullName));
  });
  return {
    alarms: await Promise.all(alarms),
    total: asked.length,
    next: last ? `${last.state}:${last.severity}:${last.name}` : null,
  };
};

/** Every alarm of the deployment, as it is now. */
export const createAlarmHandlers = (parts: AlarmParts): Pick<OperationHandlers, 'GET /v1/alarms'> => ({
  'GET /v1/alarms': { perform: ({ query }) => readAlarms(parts, query) },
});
