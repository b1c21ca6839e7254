import { randomBytes } from 'node:crypto';
import { type CloudWatchClient, DeleteAlarmMuteRuleCommand, PutAlarmMuteRuleCommand } from '@aws-sdk/client-cloudwatch';
import { matchesPattern } from '../contract/alarm-pattern.ts';
import { MINUTE_MS, SECOND_MS } from '../contract/durations.ts';
import { MAX_MUTE_MINUTES, type Mute, type MuteRequest } from '../contract/mutes.ts';
import { type DeployedAlarm, listAlarms } from '../monitoring/alarms.ts';
import {
  ALARMS_PER_RULE,
  formatAt,
  formatDescription,
  formatDuration,
  idOfRule,
  type MuteRule,
  ruleNameOf,
} from '../monitoring/mute-rules.ts';
import { describeMutes, type Observed, observeMutes } from '../monitoring/mutes.ts';
import { RefusedRequest } from './errors.ts';
import type { OperationHandlers } from './operator.ts';

interface MuteParts {
  readonly cloudwatch: CloudWatchClient;
  readonly deployment: string;
  /** What it puts before its alarms' names. */
  readonly alarmPrefix: string;
  readonly now: () => number;
}

/** How many alarms a refusal names. */
const NAMED = 5;

/** How long a rule may be on its way to CloudWatch. */
const REACH_MS = 5 * SECOND_MS;

const patternsOf = ({ kind, name }: MuteRequest): string[] => (kind === 'alarm' ? [name] : [`${kind}/${name}/*`]);

const nameSome = (alarms: readonly DeployedAlarm[]): string => {
  const names = alarms.slice(0, NAMED).map(({ name }) => name);
  return names.join(', ') + (alarms.length > NAMED ? ` and ${alarms.length - NAMED} more` : '');
};

/** The alarms that a request is about. Throws a `RefusedRequest` when there are none, or a critical one needs an end. */
const findMuted = (request: MuteRequest, alarms: readonly DeployedAlarm[]): DeployedAlarm[] => {
  const patterns = patternsOf(request);
  const muted = alarms.filter(({ name }) => patterns.some((pattern) => matchesPattern(pattern, name)));
  if (muted.length === 0)
    throw new RefusedRequest(
      404,
      `No alarm is called ${patterns.join(' or ')}; GET /v1/mutes and the runbook name some.`,
      ['name'],
    );
  const critical = muted.filter(({ severity }) => severity === 'critical');
  if (critical.length > 0 && request.minutes === undefined)
    throw new RefusedRequest(400, `minutes: a mute of critical alarms needs an end: ${nameSome(critical)}.`, [
      'minutes',
    ]);
  return muted;
};

/** Removes the rules of a mute. What is still wrong notifies then. */
const removeRules = async ({ cloudwatch }: MuteParts, rules: readonly MuteRule[]): Promise<void> => {
  for (const { ruleName } of rules)
    await cloudwatch.send(new DeleteAlarmMuteRuleCommand({ AlarmMuteRuleName: ruleName }));
};

/** Makes the rules of a mute; all of them, or none. CloudWatch may not list them at once. */
const putRules = async (
  parts: MuteParts,
  request: MuteRequest,
  alarms: readonly DeployedAlarm[],
  actor: string,
): Promise<MuteRule[]> => {
  const id = randomBytes(4).toString('hex');
  const names = alarms.map(({ fullName }) => fullName);
  // AWS does not say what a mute does that begins in the past, as one would that reaches it in the next minute.
  const from = Math.ceil((parts.now() + REACH_MS) / MINUTE_MS) * MINUTE_MS;
  const minutes = request.minutes ?? MAX_MUTE_MINUTES;
  const description = formatDescription({ ...request, actor });
  const made: MuteRule[] = [];
  try {
    for (let first = 0; first < names.length; first += ALARMS_PER_RULE) {
      const rule: MuteRule = {
        ruleName: ruleNameOf(parts.deployment, id, first / ALARMS_PER_RULE),
        description,
        alarms: names.slice(first, first + ALARMS_PER_RULE),
        status: 'scheduled',
        window: { from, until: from + minutes * MINUTE_MS },
        expiresAt: undefined,
        changedAt: parts.now(),
      };
      made.push(rule);
      await parts.cloudwatch.send(
        new PutAlarmMuteRuleCommand({
          Name: rule.ruleName,
          Description: description,
          Rule: { Schedule: { Expression: formatAt(from), Duration: formatDuration(minutes) } },
          MuteTargets: { AlarmNames: [...rule.alarms] },
        }),
      );
    }
  } catch (error) {
    await removeRules(parts, made).catch(() => {});
    throw error;
  }
  return made;
};

const findMute = (observed: Observed, id: string): Mute => {
  const found = describeMutes(observed).find((mute) => mute.id === id);
  if (!found) throw new RefusedRequest(404, `There is no mute ${id}; GET /v1/mutes lists them.`, ['id']);
  if (found.kind === 'rule')
    throw new RefusedRequest(409, `${id} is a rule of the settings, or was made in CloudWatch; end it there.`, ['id']);
  return found;
};

const changeOf = ({ kind, name, alarms_total, ends_at, swallowed_total, firing }: Mute) => ({
  kind,
  name,
  alarms_total,
  ends_at,
  swallowed_total,
  firing,
});

type MuteOperations = Pick<OperationHandlers, 'GET /v1/mutes' | 'POST /v1/mutes' | 'DELETE /v1/mutes/:id'>;

/** GET, POST and DELETE of /v1/mutes: mutes are rules of CloudWatch, and nothing about them is stored elsewhere. */
export const createMuteHandlers = (parts: MuteParts): MuteOperations => ({
  'GET /v1/mutes': { perform: async () => ({ mutes: describeMutes(await observeMutes(parts)) }) },
  'POST /v1/mutes': {
    describe: ({ body }, answer) => ({
      target: answer?.id ?? `${body.kind} ${body.name}`,
      reason: body.reason,
      change: answer ? changeOf(answer) : { kind: body.kind, name: body.name, minutes: body.minutes ?? null },
    }),
    perform: async ({ body, actor: { actor } }) => {
      const alarms = await listAlarms(parts.cloudwatch, parts.alarmPrefix);
      const rules = await putRules(parts, body, findMuted(body, alarms), actor);
      const [made] = describeMutes({ deployment: parts.deployment, alarms, rules, history: [] });
      if (!made) throw new Error('The mute was made and cannot be described.');
      return made;
    },
  },
  'DELETE /v1/mutes/:id': {
    describe: ({ parameters: { id = '-' } }, answer) => ({ target: id, ...(answer && { change: changeOf(answer) }) }),
    perform: async ({ parameters: { id = '' } }) => {
      const observed = await observeMutes(parts);
      const mute = findMute(observed, id);
      await removeRules(
        parts,
        observed.rules.filter(({ ruleName }) => idOfRule(parts.deployment, ruleName) === id),
      );
      return { ...mute, status: 'ended' as const };
    },
  },
});
