import * as z from 'zod';
import { LEVELS } from './channel-thread.ts';
import type { NoticeFilter } from './channels.ts';
import { SEVERITIES, type Severity } from './severity.ts';
import { instant } from './time.ts';

/**
 * The message of a drill: an item of the notifier's table for each severity, which the notifier writes when it publishes
 * the message. By the ids in it everything that is said about the drill is known as the drill's own.
 */
export const drillMessage = z.object({
  incident: z.string(),
  notice: z.string(),
  thread: z.string(),
  /** When it was decided on, in milliseconds since 1970. */
  at: z.number(),
  /** Where it was published to: SNS took it for these topics, and the queues of these channels have it. */
  published: z.array(z.string()),
  /** When people were notified that the drill is over; absent until then. */
  endedAt: z.number().optional(),
});
export type DrillMessage = z.output<typeof drillMessage>;

export const idOfDrillMessage = (severity: Severity): string => `drill/${severity}`;
/** The id of the item with what the last drill found. */
export const DRILL_REPORT_ID = 'drill-report';
/** The id of the item by which a person has said that a channel's drill was seen. */
export const idOfConfirmation = (channel: string): string => `drill-confirmed/${channel}`;

/** The one severity whose drill a channel gets, whatever else it filters. */
export const drillSeverityOf = ({ severities }: NoticeFilter): Severity =>
  severities === undefined || severities.includes('critical') ? 'critical' : 'warning';

/**
 * How far a drill came on one way: `accepted` and `posted` as of every delivery; `failed`, or `missing` when nothing was
 * known in time.
 */
const drilledWay = z.object({
  way: z.string().describe('`topic critical`, `topic warning`, or `channel NAME`.'),
  severity: z.enum(SEVERITIES),
  level: z
    .enum([...LEVELS, 'failed', 'missing'])
    .describe(
      '`posted` proves that people could see it, `accepted` that it was taken; the others that it did not arrive.',
    ),
  at: instant.optional().describe('When it came so far.'),
  seconds: z.number().optional().describe('From the beginning of the drill until then.'),
  detail: z.string().optional().describe('Why it came no further, and what that proves.'),
});
export type DrilledWay = z.output<typeof drilledWay>;

export const drillReport = z.object({
  started_at: instant,
  ways: z.array(drilledWay),
});
export type DrillReport = z.output<typeof drillReport>;

/** What the drill's function answers: what it found, or why there was no drill. */
export const drillAnswer = z.union([drillReport, z.object({ refused: z.string() })]);
export type DrillAnswer = z.output<typeof drillAnswer>;

/** That somebody has said that a channel's drill was seen. */
export const drillConfirmation = z.object({ actor: z.string(), at: instant });

/** What the last drill found, with what people have said of it since. */
export const lastDrill = z.object({
  started_at: instant.nullable().describe('Null where there was no drill yet.'),
  ways: z.array(
    drilledWay.extend({
      confirmed_by: z.string().optional().describe('Who has said since that it was seen there.'),
      confirmed_at: instant.optional(),
    }),
  ),
});
export type LastDrill = z.output<typeof lastDrill>;

/** The ways by which the next alarm would not arrive either. */
export const brokenWays = ({ ways }: Pick<DrillReport, 'ways'>): DrilledWay[] =>
  ways.filter(({ level }) => level === 'failed' || level === 'missing');
