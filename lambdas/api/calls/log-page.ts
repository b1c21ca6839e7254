import type { WholeCall } from '../../contract/api/calls.ts';
import { MINUTE_MS } from '../../contract/durations.ts';
import { encodeInsights, insightsPage } from '../../contract/logs-insights.ts';
import type { NoticeLinks } from '../../contract/notice-links.ts';

/** Where the lines of calls can be looked at. */
export type CallLogPage = Pick<NoticeLinks, 'cloudWatch' | 'callLog'>;

/** The address of a call's line in CloudWatch Logs Insights; null without a page. */
export const logPageOf =
  (page: CallLogPage | undefined) =>
  ({ event_id, started_at, finished_at }: WholeCall): string | null => {
    if (page === undefined) return null;
    const query = `filter event_id="${event_id}" | sort @timestamp desc`;
    const span = { fromMs: Date.parse(started_at) - MINUTE_MS, untilMs: Date.parse(finished_at) + MINUTE_MS };
    return page.cloudWatch + insightsPage(encodeInsights(page.callLog), query, span);
  };
