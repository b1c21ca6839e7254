import * as z from 'zod';
import { listParameters, wholeNumber } from '../queries.ts';
import { freshness } from '../reports.ts';

/** Who uses which tools. Calls, tools and tenants are read from roll-ups; users and sessions from the calls themselves. */

const count = z.int().min(0);
const time = z.iso.datetime();

/** The longest time, in weeks. */
const MAX_WEEKS = 12;
/** Of how many of a week's newest calls, of all kinds, users and sessions are counted. */
export const CALLS_A_WEEK = 10_000;
/** How many tools are shown. */
export const MAX_TOOLS = 1_000;
/** Among how many tenants, those that called last, active ones are counted. */
export const MAX_TENANTS = 10_000;

/** GET /v1/adoption */
export const adoptionQuery = z.strictObject({
  weeks: wholeNumber(MAX_WEEKS, 4, 'How many weeks of seven days of UTC, of which today is the last day.'),
  ...listParameters,
});

const week = z.object({
  from: time,
  until: time.describe('The beginning of the next week.'),
  calls: count.describe('Calls of tools that exist.'),
  tools_used: count.describe('How many tools were called.'),
  unknown_tool_calls: count.describe(
    'Calls that asked for a tool that does not exist. The names that they asked for are not stored.',
  ),
  active_tenants: count.describe(
    `Tenants that called a tool, of the ${MAX_TENANTS.toLocaleString('en')} that called last. A tenant sees itself alone.`,
  ),
  active_users: count.nullable().describe('Users that calls name, since `people_since`; null where that is.'),
  sessions: count.nullable().describe('Sessions that calls name, likewise.'),
  people_since: time
    .nullable()
    .describe(
      'Since when users and sessions are counted. Later than `from` in a week with many calls, of which the newest ' +
        `${CALLS_A_WEEK.toLocaleString('en')} of all kinds are read, and where retention has removed the first calls. ` +
        'Null where it has removed all of them, and to a tenant in all weeks but the last.',
    ),
});
export type Week = z.infer<typeof week>;

const tool = z.object({
  tool_name: z.string(),
  is_deployed: z.boolean(),
  calls: count.describe('In these weeks.'),
  weeks_used: count.describe('In how many of these weeks it was called.'),
  first_called_on: z.iso.date().nullable().describe('The day of its first call, as far back as roll-ups reach.'),
  last_called_at: time.nullable(),
});
export type AdoptedTool = z.infer<typeof tool>;

export const adoptionReport = z.object({
  ...freshness,
  weeks: z.array(week).describe('The earliest first.'),
  tools: z.array(tool).describe(`Those with most calls first, at most ${MAX_TOOLS.toLocaleString('en')}.`),
  tool_count: count.describe('How many tools are deployed or were ever called.'),
  unused_tools: z
    .array(z.string())
    .describe(
      'Those of `tools` that are deployed and were not called in these weeks, by the calls that the reader sees.',
    ),
});
export type AdoptionReport = z.infer<typeof adoptionReport>;
