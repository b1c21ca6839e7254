import * as z from 'zod';
import { listParameters, storedText, toolName, wholeNumber } from '../queries.ts';
import { freshness } from '../reports.ts';
import { KINDS } from '../vocabulary.ts';

/** Business figures: the measures that calls report. Read from roll-ups. */

const count = z.int().min(0);
const time = z.iso.datetime();

/** The longest span, in days; the one before it is as long. Roll-ups hold more hours than both. */
const MAX_DAYS = 90;
/** How many measures are shown. */
export const MAX_MEASURES = 50;
/** How many names of calls that report a measure are shown. */
export const MAX_REPORTERS = 5;

/** GET /v1/kpis */
export const kpisQuery = z.strictObject({
  days: wholeNumber(MAX_DAYS, 7, 'How many days of UTC, of which today is the last.'),
  tool: toolName.optional().describe('Only what calls of this tool report. Otherwise of all kinds of calls.'),
  measure: storedText('write the name of a measure').optional().describe('Only this measure, e.g. revenue.'),
  ...listParameters,
});

const figures = {
  sum: z.number(),
  average: z.number().nullable().describe('Null without a value.'),
  times: count.describe('How many calls reported it.'),
};
const span = { ...figures, lowest: z.number().nullable(), highest: z.number().nullable() };

const change = z.number().nullable().describe('In percent, with one decimal; null where there was nothing, or zero.');

const kpi = z.object({
  measure: z.string(),
  ...span,
  days: z
    .array(z.object({ day: z.iso.date(), ...figures }))
    .describe('Every day of the window, the earliest first, also those without a value.'),
  reported_by: z
    .array(z.object({ kind: z.enum(KINDS), name: z.string(), times: count }))
    .describe(`What reported it in the window, those that did most first, at most ${MAX_REPORTERS}.`),
  reporter_count: count.describe('How many names of calls reported it in the window.'),
  before: z
    .object(span)
    .describe('Of as many days before the window, of which the last ends with the same hour of the day as the window.'),
  change_pct: z
    .object({ sum: change, average: change, times: change })
    .describe('From what was before. The current hour is not over, and is compared with a whole one.'),
});
export type Kpi = z.infer<typeof kpi>;

export const kpisReport = z.object({
  ...freshness,
  from: time.describe('The beginning of the first day.'),
  until: time.describe('The end of the current hour, the last that is counted.'),
  before_from: time.describe('The beginning of the days before.'),
  before_until: time.describe('The end of the days before.'),
  kpis: z.array(kpi).describe(`Those that most calls reported first, at most ${MAX_MEASURES}.`),
  measure_count: count.describe('How many measures there are in the window and before it.'),
});
export type KpisReport = z.infer<typeof kpisReport>;
