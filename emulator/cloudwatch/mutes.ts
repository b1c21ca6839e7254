import * as z from 'zod';
import { type NextTime, parseMute } from '../../lambdas/contract/schedule-expression.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../clock.ts';
import { nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';

const muteProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  Rule: z.strictObject({ Schedule: z.strictObject({ Expression: z.string(), Duration: z.string() }) }),
  MuteTargets: z.strictObject({ AlarmNames: z.array(z.string()).min(1) }),
});

/** Parses `PT1H30M` or `P1D` into milliseconds. Throws for any other duration, and for none at all. */
const parseDuration = (text: string): number => {
  const [, days = 0, hours = 0, minutes = 0] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(text) ?? [];
  const ms = Number(days) * DAY_MS + Number(hours) * HOUR_MS + Number(minutes) * MINUTE_MS;
  if (!(ms > 0)) throw new Error(`${text} is not a duration of a mute; use for example PT1H30M or P1D`);
  return ms;
};

interface Mute {
  nextStart: NextTime;
  durationMs: number;
  alarms: ReadonlySet<string>;
}

/** Alarm mute rules: the times in which alarms send no notifications. */
export const createMutes = () => {
  const mutes: Mute[] = [];
  return {
    isMuted: (alarm: string, now: number): boolean =>
      mutes.some(({ nextStart, durationMs, alarms }) => {
        if (!alarms.has(alarm)) return false;
        const start = nextStart(now - durationMs);
        return start !== undefined && start <= now;
      }),

    handlers: {
      'AWS::CloudWatch::AlarmMuteRule': resourceHandler(
        muteProperties,
        ({ Name, Rule: { Schedule }, MuteTargets }, declared) => {
          mutes.push({
            nextStart: parseMute(Schedule.Expression),
            durationMs: parseDuration(Schedule.Duration),
            alarms: new Set(MuteTargets.AlarmNames),
          });
          return { ref: Name ?? nameOf(declared) };
        },
      ),
    } satisfies Record<string, ResourceHandler>,
  };
};
