import { cutText, toLine } from '../contract/clean-line.ts';
import { MAX_LINE, MAX_TITLE } from '../contract/notices/notice-limits.ts';
import { WEEK_REPORT_SCHEMA, type WeekReportNotice } from '../contract/notices/week-report-notice.ts';
import { mondayOf } from '../contract/time-zone.ts';
import { describeWeek, type Week } from '../monitoring/describe-week.ts';

interface ReportOptions {
  /** Of this attempt to report. */
  readonly id: string;
  readonly now: number;
  /** Whose clocks say when a week begins. */
  readonly timeZone: string;
  readonly mailed: boolean;
}

/** The same for programs. */
const factsOf = ({ week, selfCheck }: Week): WeekReportNotice['facts'] => ({
  from: week.from,
  until: week.until,
  calls: week.calls,
  failed: week.failed,
  tools: week.tools,
  pages: week.pages,
  pages_without_need: week.pages_without_need,
  warnings: week.warnings,
  deployments: week.deployments,
  findings: selfCheck.findings.length,
  ...(week.cost_usd !== null && { cost_usd: week.cost_usd }),
});

/** The report of a week as a message to the notifier, within the limits of a notice. */
export const buildReport = (week: Week, { id, now, timeZone, mailed }: ReportOptions): WeekReportNotice => {
  const { title, lines } = describeWeek(week);
  return {
    schema: WEEK_REPORT_SCHEMA,
    id,
    at: new Date(now).toISOString(),
    week: mondayOf(now, timeZone),
    title: cutText(toLine(title), MAX_TITLE),
    lines: lines.map((line) => cutText(toLine(line), MAX_LINE)),
    facts: factsOf(week),
    mailed,
  };
};
