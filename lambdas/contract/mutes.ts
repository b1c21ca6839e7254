import * as z from 'zod';
import { SEVERITIES } from './severity.ts';
import { instant } from './time.ts';

/** CloudWatch's longest mute. */
export const MAX_MUTE_MINUTES = 15 * 24 * 60;
const MAX_MUTE_REASON = 300;
/** How many of a mute's alarms, and of what it swallowed, an answer names. */
export const MAX_NAMED_IN_MUTE = 100;

/** The name of a rule that the settings declare, by which it is known as meant. */
export const ruleOfSettings = (deployment: string, name: string): string => `${deployment}-setting-${name}`;

/** What a mute is about; `alarm` is the name of an alarm, in which `*` stands for anything but a slash. */
export const MUTE_KINDS = ['tool', 'provider', 'alarm'] as const;
export type MuteKind = (typeof MUTE_KINDS)[number];

/** One line that CloudWatch can store and a person can read. */
export const oneLine = (limit: number, advice: string) =>
  z
    .string()
    .max(limit, `write at most ${limit} characters`)
    .refine((text) => text.trim() !== '' && !/\p{Cc}/u.test(text), advice);

/** What somebody writes who wants some alarms to be silent for a while. */
export const muteFields = {
  kind: z.enum(MUTE_KINDS).describe('Whether `name` is a tool, a provider or an alarm.'),
  name: oneLine(255, 'write the name of a tool or provider, or of an alarm, such as tool/order_status/slow').describe(
    'The name; of an alarm with `*` for anything but a slash, such as `tool/*/slow`.',
  ),
  minutes: z
    .int('write whole minutes')
    .min(1, 'write at least one minute')
    .max(MAX_MUTE_MINUTES, `write at most ${MAX_MUTE_MINUTES} minutes, which are 15 days`)
    .optional()
    .describe(
      'For how long, up to 15 days. Required where a critical alarm is among them; without it warnings are muted for 15 days.',
    ),
  reason: oneLine(MAX_MUTE_REASON, 'write in one line why').describe('Why, in one line.'),
};
export type MuteRequest = z.output<z.ZodObject<typeof muteFields>>;

/** A notification that was not sent because of a mute. */
const swallowedPage = z.object({
  alarm: z.string().describe('The name of the alarm that fired.'),
  severity: z.enum(SEVERITIES),
  at: instant.describe('When it fired.'),
});
export type SwallowedPage = z.output<typeof swallowedPage>;

export const mute = z.object({
  id: z.string().describe('Ends it, with `DELETE /v1/mutes/{id}`.'),
  kind: z
    .enum([...MUTE_KINDS, 'rule'])
    .describe('What it is about; `rule` for a mute rule of the settings, or that somebody made in CloudWatch.'),
  name: z.string(),
  reason: z.string(),
  actor: z.string().nullable().describe('Who made it; null where that is not known.'),
  starts_at: instant.nullable().describe('Null for one that recurs.'),
  ends_at: instant.nullable().describe('Null for one that has no end.'),
  changed_at: instant.nullable().describe('When it was made, or changed last.'),
  status: z.enum(['scheduled', 'active', 'ended']),
  alarms: z.array(z.string()).describe(`The names of its alarms; the first ${MAX_NAMED_IN_MUTE}.`),
  alarms_total: z.int(),
  firing: z.array(z.string()).describe('Those of them that fire now; they notify when it ends.'),
  swallowed: z
    .array(swallowedPage)
    .describe(`What was not sent because of it in the last seven days, the newest ${MAX_NAMED_IN_MUTE}.`),
  swallowed_total: z.int(),
});
export type Mute = z.output<typeof mute>;

export const mutesReport = z.object({ mutes: z.array(mute) });
export type MutesReport = z.output<typeof mutesReport>;
