import * as z from 'zod';
import { SEVERITIES } from './severity.ts';

/** How many tools and incidents a report of a week names. */
export const NAMED_IN_REPORT = 5;
/** A tool with fewer calls in a week is neither good nor bad. */
export const MIN_CALLS_A_WEEK = 20;

const count = z.int().min(0);

const weekTool = z.object({
  tool: z.string(),
  calls: count,
  failed: count.describe('Calls that failed by no caller’s fault.'),
  failed_pct: z.number(),
});
export type WeekTool = z.output<typeof weekTool>;

const weekIncident = z.object({
  incident: z.string(),
  cause: z.string(),
  severity: z.enum(SEVERITIES),
  began_at: z.iso.datetime(),
  duration_seconds: z.number(),
  messages: count,
  title: z.string(),
  needed_nothing: z
    .boolean()
    .describe('It ended by itself within a quarter of an hour, and nothing was deployed while it lasted.'),
});
export type WeekIncident = z.output<typeof weekIncident>;

export const weekReport = z.object({
  from: z.iso.datetime().describe('The beginning of the seven days, in UTC.'),
  until: z.iso.datetime(),
  calls: count.describe('Of all tools.'),
  failed: count.describe('Calls that failed by no caller’s fault.'),
  cost_usd: z.number().nullable().describe('What tools say that their calls cost; null where none says it.'),
  tools: count.describe('How many were called.'),
  worst: z
    .array(weekTool)
    .describe(`The ${NAMED_IN_REPORT} that failed most often, of those with at least ${MIN_CALLS_A_WEEK} calls.`),
  best: z.array(weekTool).describe('Those that failed least, likewise.'),
  pages: count.describe('Critical incidents that people were notified of.'),
  pages_without_need: count.describe('Those of them that needed nothing.'),
  warnings: count,
  longest: z.array(weekIncident).describe(`The ${NAMED_IN_REPORT} incidents that lasted longest.`),
  mutes_made: count,
  notifications_muted: count.describe('What was not sent because of mutes that people ended.'),
  deployments: count,
});
export type WeekReport = z.output<typeof weekReport>;
