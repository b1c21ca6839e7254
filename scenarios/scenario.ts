import * as z from 'zod';
import { ERROR_CODES, FAULTS } from '../lambdas/contract/vocabulary.ts';

/** When something applies; minute 0 is the scenario's start. */
const timeWindow = {
  from: z.int().min(0).default(0).describe('The first minute'),
  until: z.int().min(1).optional().describe('The first minute after it; by default the end of the scenario'),
  every_minutes: z.int().min(1).optional().describe('It starts again every so many minutes …'),
  lasting_minutes: z.int().min(1).default(1).describe('… and lasts for this many minutes each time'),
};
export type TimeWindow = z.output<z.ZodObject<typeof timeWindow>>;

const share = z.number().min(0).max(1);

const failure = z.strictObject({
  ...timeWindow,
  share: share.describe('The share of all calls in that time'),
  code: z.enum(ERROR_CODES).default('UPSTREAM_ERROR'),
  fault: z.enum(FAULTS).optional().describe('Who must act; by default what docs/line.md says of the code'),
  ms: z.number().positive().optional().describe('How long a failing call takes; by default as long as any other call'),
  killed: z
    .boolean()
    .default(false)
    .describe('The platform ended the process: the gateway writes the line, and Lambda counts an error'),
});

const traffic = z.strictObject({
  ...timeWindow,
  tool: z
    .string()
    .min(1)
    .describe('The name of a tool; * stands for any characters, and each tool gets the same calls'),
  calls_per_minute: z.number().positive().describe('May be a fraction: 0.2 is a call every five minutes'),
  ms: z.number().positive().default(100).describe('The median duration of a call'),
  p95_ms: z.number().positive().optional().describe('Its 95th percentile, of a log-normal distribution'),
  slow: z
    .array(z.strictObject({ ...timeWindow, share, ms: z.number().positive().default(30_000) }))
    .default([])
    .describe('A share of the successful calls takes longer'),
  failures: z.array(failure).default([]),
  late: z
    .array(z.strictObject({ ...timeWindow, share: share.default(1), minutes: z.int().min(1) }))
    .default([])
    .describe('A share of the lines arrives this many minutes late'),
  broken: z
    .array(z.strictObject({ ...timeWindow, share, how: z.enum(['cut', 'invalid', 'unwritten', 'lossy']) }))
    .default([])
    .describe(
      'A share of the lines is truncated, no valid metrics document, missing, or reports that others were lost',
    ),
});
export type Traffic = z.output<typeof traffic>;

const reading = z.strictObject({
  ...timeWindow,
  namespace: z.string().describe('Such as AWS/RDS'),
  name: z.string().describe('Such as DatabaseConnections'),
  dimensions: z
    .record(z.string(), z.string())
    .optional()
    .describe('Left out: every metric of that name that some alarm reads'),
  value: z.union([z.number(), z.array(z.number())]).describe('What is published each minute; a list: several values'),
});
export type Reading = z.output<typeof reading>;

const pattern = z.string().min(1).describe('The name of an alarm; * stands for any characters but a slash');

/**
 * The facts of a tool that a scenario may change; what it leaves out is as listed, or 2,000 ms and 2 % for a new tool.
 */
const alarmFacts = z.strictObject({
  p95Ms: z.number().positive().optional(),
  criticalP95Ms: z.number().positive().optional(),
  timeoutSeconds: z.int().min(1).max(840).optional().describe('The timeout of a call; 10 for a new tool'),
  errorRate: z.number().min(0).max(1).optional(),
  minCalls: z.int().min(0).optional(),
  minErrors: z.int().min(0).optional(),
  objective: z.number().optional(),
  silentAfterMinutes: z.int().optional(),
  provider: z.string().min(1).optional().describe('The outside service that the tool depends on'),
});

/** What happens, minute by minute and tool by tool, and the pages that must follow: no more and no fewer. */
export const scenario = z.strictObject({
  title: z.string(),
  why: z.string().optional().describe('Why these pages are right, for a person on call'),
  starts_at: z.iso.datetime().default('2026-11-20T12:00:00Z').describe('In UTC'),
  minutes: z.int().min(1).max(10_080),
  before_minutes: z
    .int()
    .min(0)
    .max(10_080)
    .default(30)
    .describe('How many minutes of the calls of minute 0, without problems, come before. 0: the alarms are new'),
  seed: z
    .int()
    .optional()
    .describe('Calls are random, drawn from this seed; without it they are evenly spread and shares are exact'),
  settings: z.record(z.string(), z.json()).default({}).describe('Settings that differ from cdk.json'),
  tools: z.record(z.string(), alarmFacts).default({}).describe('New tools, or changed facts of the listed ones'),
  more_tools: z.int().min(0).max(500).default(0).describe('How many tools to add, named tool_1, tool_2, …'),
  traffic: z.array(traffic).default([]),
  readings: z.array(reading).default([]).describe('Metrics that others publish: a queue, the database, the pipeline'),
  retention_stops: z.boolean().default(false).describe('Retention, which runs each night, is not started'),
  refresh_stops_at: z.int().min(0).optional().describe('The minute in which the refresh stops; by default it does not'),
  expected: z
    .array(
      z.strictObject({
        alarm: pattern,
        from: z.int().min(0).default(0).describe('It must not page before this minute …'),
        by: z.int().min(1).describe('… and must have paged by this one'),
        over_by: z.int().min(1).optional().describe('The minute by which it must be over; by default unchecked'),
        at_most: z.int().min(1).optional().describe('How often it may page; by default unchecked'),
      }),
    )
    .default([]),
  tolerated: z.array(pattern).default([]).describe('Alarms that may page but need not'),
  forbidden: z
    .array(pattern)
    .optional()
    .describe('Alarms that must not page; by default all that are neither expected nor tolerated'),
});
export type Scenario = z.output<typeof scenario>;

/** Whether something applies in this minute. */
export const isWithin = ({ from, until, every_minutes, lasting_minutes }: TimeWindow, minute: number): boolean =>
  minute >= from &&
  (until === undefined || minute < until) &&
  (every_minutes === undefined || (minute - from) % every_minutes < lasting_minutes);

/** Whether a name matches a pattern, in which `*` stands for any characters but a slash. */
export const matches = (wanted: string, name: string): boolean =>
  new RegExp(`^${wanted.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`).test(name);
