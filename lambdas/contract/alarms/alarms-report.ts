import * as z from 'zod';
import { wholeNumber } from '../queries.ts';
import { SEVERITIES } from '../severity.ts';
import { instant } from '../time.ts';
import { FAULTS } from '../vocabulary.ts';

/** The most urgent first: by this order alarms are listed. CloudWatch calls the second INSUFFICIENT_DATA. */
export const ALARM_STATES = ['firing', 'no_data', 'ok'] as const;
export type AlarmState = (typeof ALARM_STATES)[number];

/** The most alarms in one answer, and the most names of an alarm over many. */
const MAX_ALARMS = 100;
export const MAX_CONTRIBUTORS = 50;
/** CloudWatch's longest name of an alarm, with the state and severity in front of it. */
const MAX_POSITION = 300;

/** Where a list of alarms goes on: the state, severity and name of the last one. */
export const POSITION = new RegExp(
  `^(?<state>${ALARM_STATES.join('|')}):(?<severity>${SEVERITIES.join('|')}):(?<name>.+)$`,
  's',
);

const oneOf = <const Words extends readonly string[]>(words: Words) =>
  z.enum(words, `write one of ${words.join(', ')}`);
const aName = (advice: string) => z.string(advice).min(1, advice).max(255, advice);

export const alarmsQuery = z.strictObject({
  state: oneOf(ALARM_STATES).optional().describe('Only alarms in this state.'),
  severity: oneOf(SEVERITIES).optional().describe('Only alarms of this severity.'),
  tool: aName('write the name of a tool').optional().describe('Only alarms of this tool.'),
  provider: aName('write the name of a provider').optional().describe('Only alarms of this provider.'),
  name: aName('write the name of an alarm, such as tool/*/slow')
    .optional()
    .describe('Only alarms of this name, with `*` for anything but a slash: `tool/*/slow`.'),
  limit: wholeNumber(MAX_ALARMS, MAX_ALARMS, 'How many alarms at most.'),
  after: z
    .string()
    .max(MAX_POSITION, 'write the `next` of an earlier answer')
    .regex(POSITION, 'write the `next` of an earlier answer')
    .optional()
    .describe('What follows an earlier answer: its `next`.'),
});
export type AlarmsQuery = z.output<typeof alarmsQuery>;

const alarmMute = z.object({
  id: z.string().describe('Of the mute in `GET /v1/mutes`.'),
  reason: z.string(),
  actor: z.string().nullable().describe('Who made it; null where that is not known.'),
  ends_at: instant.nullable().describe('Null for one that recurs, or has no end.'),
});

const contributor = z.object({
  name: z.string().describe('As an alarm of its own: `tool/order_status/trickle`.'),
  tool: z.string().nullable(),
  since: instant.nullable(),
  reason: z.string(),
});
export type AlarmContributor = z.output<typeof contributor>;

const alarm = z.object({
  name: z.string().describe('As in the runbook, such as `tool/order_status/failing`.'),
  cloudwatch_name: z.string().describe('In CloudWatch, where other deployments have alarms too.'),
  state: z.enum(ALARM_STATES).describe('`no_data` where CloudWatch cannot tell.'),
  since: instant.nullable().describe('Since when it is in this state.'),
  reason: z.string().describe('Why, in CloudWatch’s words.'),
  severity: z.enum(SEVERITIES),
  owner: z.string().nullable().describe('Who acts.'),
  tool: z.string().nullable().describe('The tool that it is about; null for an alarm of anything else.'),
  provider: z.string().nullable().describe('The outside service that it is about.'),
  means: z.string().describe('What has happened while it fires.'),
  runbook: z.object({
    heading: z.string().describe('Of the runbook: what it means, where to look and what to do.'),
    url: z.url().nullable().describe('Null where the setting `runbookUrl` is not set.'),
    advice: z.string().nullable().describe('What the runbook says to do first.'),
    advice_by_fault: z
      .partialRecord(z.enum(FAULTS), z.string())
      .describe('The same by whose fault most failures are; empty where it does not depend on that.'),
  }),
  logs_url: z.url().nullable().describe('The lines that it is about, in CloudWatch.'),
  firing_means: z
    .enum(['something_is_wrong', 'part_of_another', 'drill', 'all_is_well'])
    .describe(
      'What it says while it fires: a part of another alarm counts with that one, a drill is a test, and one alarm fires ' +
        'while the notifier works.',
    ),
  actions: z
    .enum(['on', 'off', 'none'])
    .describe('`off` where somebody disabled them; `none` for a part of another alarm, which notifies for it.'),
  muted: alarmMute.nullable().describe('The mute that holds its notifications back now.'),
  contributors: z
    .array(contributor)
    .describe(
      `Of an alarm over many names: for which of them it fires, at most ${MAX_CONTRIBUTORS}; those of the \`tool\` asked for first.`,
    ),
  has_more_contributors: z.boolean().describe('Whether it fires for more names than are listed.'),
});
export type AlarmReport = z.output<typeof alarm>;

export const alarmsReport = z.object({
  alarms: z
    .array(alarm)
    .describe(
      'Those that fire first, then those without data, then those that are ok; each by severity, then by name. The alarm ' +
        'that fires while the notifier works is among those that are ok.',
    ),
  total: z.int().describe('How many there are that the query is about, on all pages.'),
  next: z.string().nullable().describe('Goes on after these, as `after`; null at the end.'),
});
export type AlarmsReport = z.output<typeof alarmsReport>;
