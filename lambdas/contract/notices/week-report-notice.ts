import * as z from 'zod';
import { instant } from '../time.ts';
import { MAX_LINE, MAX_LINES, MAX_TITLE } from './notice-limits.ts';

/** The type of a report's notice, as channels filter it. */
export const WEEK_REPORT_TYPE = 'report.week';
/** The version of its message in the queue of custom notices. */
export const WEEK_REPORT_SCHEMA = 'toolwatch.week_report.v1';

/** The report of a week on its way to the notifier. */
export const weekReportNotice = z.object({
  schema: z.literal(WEEK_REPORT_SCHEMA),
  /** The same in every attempt to send it; another report of the same week has another one. */
  id: z.uuid(),
  at: instant,
  /** The Monday of the week in which it is sent: of each week people get one report. */
  week: z.iso.date(),
  title: z.string().min(1).max(MAX_TITLE),
  lines: z.array(z.string().max(MAX_LINE)).max(MAX_LINES),
  facts: z.record(z.string(), z.union([z.string(), z.number()])),
  /** Whether the recipients of warnings get it by mail, beside the channels. */
  mailed: z.boolean(),
});
export type WeekReportNotice = z.output<typeof weekReportNotice>;
