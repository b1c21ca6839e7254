import * as z from 'zod';
import { type NextTime, parseMute } from '../../lambdas/contract/schedule-expression.ts';
import { nameOf, type ResourceHandler, resourceHandler } from '../cloudformation/resource-handler.ts';

const muteProperties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  Rule: z.strictObject({ Schedule: z.strictObject({ Expression: z.string(), Duration: z.string() }) }),
  MuteTargets: z.strictObject({ AlarmNames: z.array(z.string()).min(1) }),
});

const UNITS_MS = { D: 86_400_000, H: 3_600_000, M: 60_000 } as const;

/** `PT1H30M`, `P1D` in milliseconds. */
const durationOf = (text: string): number => {
  const [, days = 0, hours = 0, minutes = 0] = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(text) ?? [];
  const ms = Number(days) * UNITS_MS.D + Number(hours) * UNITS_MS.H + Number(minutes) * UNITS_MS.M;
  if (!(ms > 0)) throw new Error(`a mute cannot last ${text}`);
  return ms;
};

/** When which alarms tell nobody. */
export const createMutes = () => {
  const mutes: { starts: NextTime; lasts: number; alarms: ReadonlySet<string> }[] = [];
  return {
    isMuted: (alarm: string, now: number): boolean =>
      mutes.some(({ starts, lasts, alarms }) => alarms.has(alarm) && (starts(now - lasts) ?? Infinity) <= now),

    handlers: {
      'AWS::CloudWatch::AlarmMuteRule': resourceHandler(
        muteProperties,
        ({ Name, Rule: { Schedule }, MuteTargets }, declared) => {
          mutes.push({
            starts: parseMute(Schedule.Expression),
            lasts: durationOf(Schedule.Duration),
            alarms: new Set(MuteTargets.AlarmNames),
          });
          return { ref: Name ?? nameOf(declared) };
        },
      ),
    } satisfies Record<string, ResourceHandler>,
  };
};
