import * as z from 'zod';
import { listParameters, wholeNumber } from '../queries.ts';
import { freshness } from '../reports.ts';

/** What calls of tools cost: what they report themselves, and Lambda's time at list prices. Read from roll-ups. */

const count = z.int().min(0);
const dollars = z.number().min(0);

const MAX_DAYS = 90;
/** How many tools are shown. */
export const MAX_COST_TOOLS = 200;

/** GET /v1/costs */
export const costsQuery = z.strictObject({
  days: wholeNumber(MAX_DAYS, 30, 'How many days of UTC, of which today is the last.'),
  ...listParameters,
});

const figures = {
  calls: count,
  reported_usd: dollars.describe('What calls say that they cost, with `cost(usd)`: tokens, an outside service.'),
  lambda_usd: dollars
    .nullable()
    .describe('Their time at the memory of their functions, and their requests; null where no memory is known.'),
};

const toolCosts = z.object({
  tool_name: z.string(),
  ...figures,
  per_thousand_usd: dollars.nullable().describe('Both together, of a thousand calls; null without a call.'),
  memory_mb: count.nullable().describe('Of its function as it is deployed now, in MiB; null where it is not known.'),
});
export type ToolCosts = z.infer<typeof toolCosts>;

const dayCosts = z.object({ day: z.iso.date(), ...figures });
export type DayCosts = z.infer<typeof dayCosts>;

export const costsReport = z.object({
  ...freshness,
  from: z.iso.datetime().describe('The beginning of the first day.'),
  until: z.iso.datetime().describe('The end of the current hour.'),
  tools: z.array(toolCosts).describe(`Those that cost most first, at most ${MAX_COST_TOOLS}.`),
  tool_count: count,
  days: z.array(dayCosts).describe('Of all tools, every day of the window, the earliest first.'),
  total: z.object(figures),
  prices: z
    .object({ as_of: z.iso.date(), region: z.string(), gb_second_usd: dollars, million_requests_usd: dollars })
    .describe('The list prices of Lambda that `lambda_usd` is computed from, without a free tier or a discount.'),
});
export type CostsReport = z.infer<typeof costsReport>;

/** What the api must be given to compute Lambda's part: the memory of deployed tools, in MiB, and prices. */
export interface CostFacts {
  readonly memoryMb: Readonly<Record<string, number>>;
  readonly prices: CostsReport['prices'];
}
