import type { Notice } from '../../contract/notice.ts';
import { MAX_LINE, MAX_TITLE } from '../../contract/notices/notice-limits.ts';
import { WEEK_REPORT_TYPE, type WeekReportNotice } from '../../contract/notices/week-report-notice.ts';
import { toForeign } from '../words/clean-text.ts';
import { stableId } from './stable-id.ts';

/** What is remembered of the report of a week. Serializable as JSON. */
export interface ReportedWeek {
  /** The id of the report that people got. */
  readonly id: string;
}

interface ReportMaterial {
  readonly report: WeekReportNotice;
  readonly place: Notice['place'];
  /** Where the page is, without a path; undefined where a browser cannot open it. */
  readonly page: string | undefined;
}

/**
 * What channels and people get as the report of a week, which asks nobody to act. Tools are in it by the names that callers
 * wrote, and incidents by titles with such names: so nothing in its lines is a link.
 */
export const buildReportNotice = ({ report, place, page }: ReportMaterial): Notice => {
  const at = Date.parse(report.at);
  const thread = `report@${report.week}`;
  return {
    id: stableId([place.account, place.region, place.deployment, thread]),
    type: WEEK_REPORT_TYPE,
    thread,
    state: 'event',
    severity: 'info',
    title: toForeign(report.title, MAX_TITLE),
    lines: report.lines.map((line) => toForeign(line, MAX_LINE)),
    links: page === undefined ? [] : [{ title: 'Page', url: `${page}/` }],
    facts: report.facts,
    since: at,
    at,
    place,
  };
};
