import * as z from 'zod';
import { ERROR_CODES, FAULTS } from '../lambdas/contract/invocation.ts';

/** When something holds; minute 0 is the scenario's beginning. */
const stretch = {
  from: z.int().min(0).default(0).describe('The first minute'),
  until: z.int().min(1).optional().describe('The minute in which it is over; by default the end'),
  every_minutes: z.int().min(1).optional().describe('It comes back every so many minutes …'),
  lasting_minutes: z.int().min(1).default(1).describe('… and stays so long'),
};
export type TimeWindow = z.output<z.ZodObject<typeof stretch>>;

const share = z.number().min(0).max(1);

const failure = z.strictObject({
  ...stretch,
  share: share.describe('Of all calls of that time'),
  code: z.enum(ERROR_CODES).default('UPSTREAM_ERROR'),
  fault: z.enum(FAULTS).optional().describe('Who must act; by default what docs/line.md says of the code'),
  ms: z.number().positive().optional().describe('What a failing call takes; by default as long as any other'),
  killed: z
    .boolean()
    .default(false)
    .describe('The platform ended the process: the gateway writes the line, and Lambda counts an error'),
});

const traffic = z.strictObject({
  ...stretch,
  tool: z.string().min(1).describe('Its name; * stands for anything, and then each tool gets the same calls'),
  calls_per_minute: z.number().positive().describe('May be a fraction: 0.2 is a call every five minutes'),
  ms: z.number().positive().default(100).describe('The median of what a call takes'),
  p95_ms: z.number().positive().optional().describe('Its 95th percentile, of a log-normal distribution'),
  slow: z
    .array(z.strictObject({ ...stretch, share, ms: z.number().positive().default(30_000) }))
    .default([])
    .describe('Some of the successful calls take longer'),
  failures: z.array(failure).default([]),
  late: z
    .array(z.strictObject({ ...stretch, share: share.default(1), minutes: z.int().min(1) }))
    .default([])
    .describe('Some of the lines arrive so much later'),
  broken: z
    .array(z.strictObject({ ...stretch, share, how: z.enum(['cut', 'invalid', 'unwritten', 'lossy']) }))
    .default([])
    .describe(
      'Some of the lines are cut off, are no valid metrics document, are not there at all, or say that others were lost',
    ),
});
export type Traffic = z.output<typeof traffic>;

const reading = z.strictObject({
  ...stretch,
  namespace: z.string().describe('Such as AWS/RDS'),
  name: z.string().describe('Such as DatabaseConnections'),
  dimensions: z
    .record(z.string(), z.string())
    .optional()
    .describe('Left out: every metric of that name that some alarm reads'),
  value: z.union([z.number(), z.array(z.number())]).describe('What is published each minute; a list: several values'),
});
export type Reading = z.output<typeof reading>;

const pattern = z.string().min(1).describe('An alarm by its name; * stands for anything but a slash');

/** What a tool's facts say of alarms and its provider; what is left out is as in the list, or 2,000 ms and 2 %. */
const alarmFacts = z.strictObject({
  p95Ms: z.number().positive().optional(),
  criticalP95Ms: z.number().positive().optional(),
  timeoutSeconds: z.int().min(1).max(840).optional().describe('After which a call is given up; left out, 10'),
  errorRate: z.number().min(0).max(1).optional(),
  minCalls: z.int().min(0).optional(),
  minErrors: z.int().min(0).optional(),
  objective: z.number().optional(),
  silentAfterMinutes: z.int().optional(),
  provider: z.string().min(1).optional().describe('The outside service it depends on'),
});

/** What happens by minute and tool, and who must be told of it. A page too many is as wrong as one too few. */
export const scenario = z.strictObject({
  title: z.string(),
  why: z.string().optional().describe('What a person on call wants of it'),
  starts_at: z.iso.datetime().default('2026-11-20T12:00:00Z').describe('In UTC'),
  minutes: z.int().min(1).max(10_080),
  before_minutes: z
    .int()
    .min(0)
    .max(10_080)
    .default(30)
    .describe('How long all was well before: the calls of minute 0, and nothing wrong. 0: the alarms are brand-new'),
  seed: z
    .int()
    .optional()
    .describe('Calls come by chance, drawn from this; without it they are spread evenly and shares are exact'),
  settings: z.record(z.string(), z.json()).default({}).describe('Of the deployment, where not as in cdk.json'),
  tools: z.record(z.string(), alarmFacts).default({}).describe('New tools, or other alarms for those there are'),
  more_tools: z.int().min(0).max(500).default(0).describe('So many more, named tool_1, tool_2, …'),
  traffic: z.array(traffic).default([]),
  readings: z.array(reading).default([]).describe('What something else publishes: a queue, the database, the pipeline'),
  refresh_stops_at: z.int().min(0).optional().describe('The refresh works unless this says until when'),
  expected: z
    .array(
      z.strictObject({
        alarm: pattern,
        from: z.int().min(0).default(0).describe('Not before this minute …'),
        by: z.int().min(1).describe('… and by this one'),
        over_by: z.int().min(1).optional().describe('When it must be over; by default nobody asks'),
        at_most: z.int().min(1).optional().describe('How often it may be told; by default nobody counts'),
      }),
    )
    .default([]),
  tolerated: z.array(pattern).default([]).describe('May page, and need not'),
  forbidden: z
    .array(pattern)
    .optional()
    .describe('Must not page. By default all that is neither expected nor tolerated'),
});
export type Scenario = z.output<typeof scenario>;

/** Does it hold in this minute? */
export const isWithin = ({ from, until, every_minutes, lasting_minutes }: TimeWindow, minute: number): boolean =>
  minute >= from &&
  (until === undefined || minute < until) &&
  (every_minutes === undefined || (minute - from) % every_minutes < lasting_minutes);

/** `*` in a pattern stands for anything but a slash. */
export const matches = (wanted: string, name: string): boolean =>
  new RegExp(`^${wanted.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '[^/]*')}$`).test(name);
