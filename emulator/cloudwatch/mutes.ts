import * as z from 'zod';
import { type NextTime, parseMute } from '../../lambdas/contract/schedule-expression.ts';
import { AwsError } from '../aws-error.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import { nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';

/** CloudWatch's limits. */
const MAX_ALARMS = 100;
const MAX_DURATION_MS = 15 * DAY_MS;

const schedule = z.strictObject({
  Expression: z.string().min(1).max(256),
  Duration: z.string().min(1).max(50),
  Timezone: z.literal('UTC').optional(),
});
const rule = z.strictObject({ Schedule: schedule });
const targets = z.strictObject({ AlarmNames: z.array(z.string().min(1).max(255)).min(1).max(MAX_ALARMS) });

const muteProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().max(1_024).optional(),
  Rule: rule,
  MuteTargets: targets,
});

/** What PutAlarmMuteRule takes; in seconds since 1970. */
export const putMuteRuleInput = z.strictObject({
  Name: z.string().min(1).max(255),
  Description: z.string().max(1_024).optional(),
  Rule: rule,
  MuteTargets: targets,
  StartDate: z.number().optional(),
  ExpireDate: z.number().optional(),
});
export type PutMuteRule = z.output<typeof putMuteRuleInput>;

/** Parses `PT1H30M` or `P1D` into milliseconds. Throws for any other duration, and for none at all. */
const parseDuration = (text: string): number => {
  const [, days = 0, hours = 0, minutes = 0] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(text) ?? [];
  const ms = Number(days) * DAY_MS + Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS;
  if (!(ms > 0)) throw new Error(`${text} is not a duration of a mute; use for example PT1H30M or P1D`);
  if (ms > MAX_DURATION_MS) throw new Error(`${text} is longer than 15 days`);
  return ms;
};

/** A rule, with what it was made from. */
interface MuteRule extends PutMuteRule {
  nextStart: NextTime;
  durationMs: number;
  alarms: ReadonlySet<string>;
  updatedAt: number;
}

type Status = 'SCHEDULED' | 'ACTIVE' | 'EXPIRED';

const isOneTime = ({ Rule }: MuteRule): boolean => Rule.Schedule.Expression.startsWith('at(');

const toRule = (input: PutMuteRule, updatedAt: number): MuteRule => ({
  ...input,
  nextStart: parseMute(input.Rule.Schedule.Expression),
  durationMs: parseDuration(input.Rule.Schedule.Duration),
  alarms: new Set(input.MuteTargets.AlarmNames),
  updatedAt,
});

const isActive = ({ nextStart, durationMs, StartDate = 0, ExpireDate = Infinity }: MuteRule, now: number): boolean => {
  if (now < StartDate * 1_000 || now >= ExpireDate * 1_000) return false;
  const start = nextStart(now - durationMs);
  return start !== undefined && start <= now;
};

const statusOf = (mute: MuteRule, now: number): Status => {
  if (isActive(mute, now)) return 'ACTIVE';
  const isExpired = now >= (mute.ExpireDate ?? Infinity) * 1_000 || mute.nextStart(now) === undefined;
  return isExpired ? 'EXPIRED' : 'SCHEDULED';
};

/** Alarm mute rules: the times in which alarms send no notifications. */
export const createMutes = () => {
  const rules = new Map<string, MuteRule>();

  return {
    isMuted: (alarm: string, now: number): boolean =>
      [...rules.values()].some((mute) => mute.alarms.has(alarm) && isActive(mute, now)),

    /** Throws `AwsError` when the schedule is none. */
    put: (input: PutMuteRule, now: number): void => {
      try {
        rules.set(input.Name, toRule(input, now));
      } catch (error) {
        throw new AwsError('ValidationError', error instanceof Error ? error.message : String(error));
      }
    },

    /** Removes a rule, if there is one. */
    remove: (name: string): void => void rules.delete(name),

    names: (): string[] => [...rules.keys()],

    /** A rule and its state. Throws `AwsError` when there is none. */
    find: (name: string, now: number) => {
      const mute = rules.get(name);
      if (!mute) throw new AwsError('ResourceNotFoundException', `There is no mute rule ${name}`, 404);
      const { Name, Description, Rule, MuteTargets, StartDate, ExpireDate, updatedAt } = mute;
      return {
        Name,
        Description,
        Rule,
        MuteTargets,
        StartDate,
        ExpireDate,
        Status: statusOf(mute, now),
        MuteType: isOneTime(mute) ? 'ONE_TIME' : 'RECURRING',
        LastUpdatedTimestamp: updatedAt / 1_000,
      };
    },

    handlers: {
      'AWS::CloudWatch::AlarmMuteRule': resourceHandler(muteProperties, (properties, declared) => {
        const name = properties.Name ?? nameOf(declared);
        rules.set(name, toRule({ ...properties, Name: name }, 0));
        return { ref: name, remove: () => void rules.delete(name) };
      }),
    } satisfies Record<string, ResourceHandler>,
  };
};
