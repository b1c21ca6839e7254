import * as z from 'zod';
import { SEVERITIES } from './severity.ts';
import { instant } from './time.ts';

/** Of the id of a finding, in characters. */
export const MAX_FINDING_ID = 250;

/** What the self-check finds: something of the monitoring that is switched off, missing or muted. */
const monitoringFinding = z.object({
  /** Its kind and what it is about: `schedule/refresh`, `recipients/critical`. A dimension of its metric. */
  id: z.string().min(1).max(MAX_FINDING_ID),
  /** A sentence that says what. */
  what: z.string(),
  /** What to do about it. */
  remedy: z.string(),
});
export type MonitoringFinding = z.output<typeof monitoringFinding>;

/** The kinds of findings, by which their ids begin. */
export const FINDING_KINDS = ['schedule', 'subscription', 'actions', 'recipients', 'mute', 'check'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** The alarm over all findings, each of which is a contributor. */
export const MONITORING_OFF = 'monitoring/off';

/** The id of the item with the result of the last self-check in the notifier's table. */
export const SELF_CHECK_ID = 'self-check';

/** What is remembered from one self-check to the next. */
export const selfCheckState = z.object({
  /** When the last one ran, in milliseconds since 1970. */
  at: z.number(),
  /** Since when each schedule is expected, by its name and the minutes between its starts. */
  schedules: z.record(z.string(), z.number()),
  /** With when each was found first. */
  findings: z.array(monitoringFinding.extend({ since: z.number() })),
  /** When each confirmed recipient of each topic was seen last, by the topic's ARN. */
  recipients: z.record(z.string(), z.record(z.string(), z.number())),
});
export type SelfCheckState = z.output<typeof selfCheckState>;

/** What the last self-check found, as people are answered. */
export const selfCheckReport = z.object({
  checked_at: instant.nullable().describe('When it ran last; null when it never did.'),
  findings: z.array(
    z.object({
      id: z.string().describe('Its kind and what it is about: `schedule/refresh`, `recipients/critical`.'),
      what: z.string(),
      remedy: z.string().describe('What to do about it.'),
      since: instant.describe('When it was found first.'),
    }),
  ),
});
export type SelfCheckReport = z.output<typeof selfCheckReport>;

/** What a deployment must have. */
export const expectedSchedule = z.object({
  name: z.string(),
  /** The name of the function that it starts. */
  function: z.string(),
  /** The longest time between two of its starts, in minutes. */
  minutes: z.number(),
});
export type ExpectedSchedule = z.output<typeof expectedSchedule>;

export const expectedSubscription = z.object({
  /** The filter's name. */
  name: z.string(),
  logGroup: z.string(),
  pattern: z.string(),
  /** The ARN of the function that gets the lines. */
  destination: z.string(),
});
export type ExpectedSubscription = z.output<typeof expectedSubscription>;

export const expectedTopic = z.object({ severity: z.enum(SEVERITIES), topic: z.string() });
export type ExpectedTopic = z.output<typeof expectedTopic>;
