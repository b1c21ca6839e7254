import * as z from 'zod';
import { ERROR_CODES, FAULTS } from '../lambdas/contract/vocabulary.ts';
import { isLocalTime, localTime } from './local-time.ts';

/** When something applies; minute 0 is the scenario's start. */
const timeWindow = {
  from: z.int().min(0).default(0).describe('The first minute'),
  until: z.int().min(1).optional().describe('The first minute after it; by default the end of the scenario'),
  every_minutes: z.int().min(1).optional().describe('It starts again every so many minutes …'),
  lasting_minutes: z.int().min(1).default(1).describe('… and lasts for this many minutes each time'),
  local_time: localTime.optional().describe('Only at these times on the clock of some place: an office, a night'),
};
export type TimeWindow = z.output<z.ZodObject<typeof timeWindow>>;

const share = z.number().min(0).max(1);

/** A value that may change over time. */
const curve = (value: z.ZodNumber) =>
  z.union([
    value,
    z
      .array(z.strictObject({ minute: z.int().min(0), value }))
      .min(2)
      .refine((points) => points.every(({ minute }, index) => minute > (points[index - 1]?.minute ?? -1)), {
        error: 'the minutes must rise',
      })
      .describe('Values at some minutes, and straight lines between them'),
  ]);
export type Curve = z.output<ReturnType<typeof curve>>;

const failure = z.strictObject({
  ...timeWindow,
  share: curve(share).describe('The share of all calls in that time'),
  code: z.enum(ERROR_CODES).optional().describe('By default UPSTREAM_ERROR'),
  fault: z.enum(FAULTS).optional().describe('Who must act; by default what docs/line.md says of the code'),
  ms: z.number().positive().optional().describe('How long a failing call takes; by default as long as any other call'),
  killed: z
    .boolean()
    .default(false)
    .describe('The platform ended the process: the gateway writes the line, and Lambda counts an error'),
  throttled: z
    .boolean()
    .default(false)
    .describe('Lambda did not run the tool for want of capacity: the gateway writes the line; by default RATE_LIMITED'),
});

const traffic = z.strictObject({
  ...timeWindow,
  tool: z
    .string()
    .min(1)
    .describe('The name of a tool; * stands for any characters, and each tool gets the same calls'),
  calls_per_minute: curve(z.number().positive()).describe('May be a fraction: 0.2 is a call every five minutes'),
  ms: curve(z.number().positive()).default(100).describe('The median duration of a call'),
  p95_ms: curve(z.number().positive()).optional().describe('Its 95th percentile, of a log-normal distribution'),
  slow: z
    .array(z.strictObject({ ...timeWindow, share: curve(share), ms: z.number().positive().default(30_000) }))
    .default([])
    .describe('A share of the successful calls takes longer'),
  failures: z.array(failure).default([]),
  late: z
    .array(z.strictObject({ ...timeWindow, share: share.default(1), minutes: z.int().min(1) }))
    .default([])
    .describe('A share of the lines arrives this many minutes late'),
  skewed: z
    .array(z.strictObject({ ...timeWindow, share: share.default(1), seconds: z.int() }))
    .default([])
    .describe('A share of the lines is written where the clock is so many seconds ahead, or behind if less than 0'),
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
  timeoutSeconds: z
    .int()
    .min(1)
    .max(840)
    .optional()
    .describe(
      'The timeout of a call; 10 for a new tool. With more than 25 the front door is a Function URL, unless settings say otherwise',
    ),
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
    .union([z.int(), z.array(z.int()).min(1)])
    .optional()
    .describe(
      'Calls are random, drawn from this seed; without it they are evenly spread and shares are exact. A list: the ' +
        'scenario must be right with each',
    ),
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
        alarm: z
          .union([pattern, z.array(pattern).min(2)])
          .describe('One of several alarms is enough where a list is given'),
        from: z.int().min(0).default(0).describe('It must not page before this minute …'),
        by: z.int().min(1).describe('… and must have paged by this one'),
        severity: z.enum(['critical', 'warning']).optional().describe('Whom the first page must reach; by default any'),
        over_from: z.int().min(1).optional().describe('It must not be over before this minute …'),
        over_by: z.int().min(1).optional().describe('… and must be over by this one; by default both unchecked'),
        at_most: z.int().min(1).optional().describe('How often it may page; by default unchecked'),
      }),
    )
    .default([])
    .describe('Two entries for one alarm are two incidents: a page counts for the one that began last before it'),
  at_most_pages: z.int().min(0).optional().describe('How many pages may be sent in all; by default unchecked'),
  tolerated: z
    .array(z.union([pattern, z.strictObject({ alarm: pattern, from: timeWindow.from, until: timeWindow.until })]))
    .default([])
    .describe('Alarms that may page but need not, ever or in a time'),
  forbidden: z
    .array(pattern)
    .optional()
    .describe('Alarms that must not page; by default all that are neither expected nor tolerated'),
});
export type Scenario = z.output<typeof scenario>;

/** Whether something applies in a minute of a scenario, which is at a time in milliseconds since 1970. */
export const isWithin = (
  { from, until, every_minutes, lasting_minutes, local_time }: TimeWindow,
  minute: number,
  at: number,
): boolean =>
  minute >= from &&
  (until === undefined || minute < until) &&
  (every_minutes === undefined || (minute - from) % every_minutes < lasting_minutes) &&
  (local_time === undefined || isLocalTime(local_time, at));

/** The value in a minute: before the first point the first one's, and after the last the last one's. */
export const valueAt = (curve: Curve, minute: number): number => {
  if (typeof curve === 'number') return curve;
  const after = curve.find((point) => point.minute > minute);
  const before = curve.findLast((point) => point.minute <= minute);
  if (!after || !before) return (after ?? before)?.value ?? Number.NaN;
  return before.value + ((after.value - before.value) * (minute - before.minute)) / (after.minute - before.minute);
};

type Tolerance = Exclude<Scenario['tolerated'][number], string>;

/** What a tolerated alarm may do, if only its name is given: page at any time. */
export const asTolerance = (entry: Scenario['tolerated'][number]): Tolerance =>
  typeof entry === 'string' ? { alarm: entry, from: Number.NEGATIVE_INFINITY } : entry;

/** The scenario once for each of its seeds. */
export const splitBySeed = (scenario: Scenario): Scenario[] =>
  Array.isArray(scenario.seed) ? scenario.seed.map((seed) => ({ ...scenario, seed })) : [scenario];

/** Whether a name matches a pattern, in which `*` stands for any characters but a slash. */
export const matches = (wanted: string, name: string): boolean =>
  new RegExp(`^${wanted.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`).test(name);
