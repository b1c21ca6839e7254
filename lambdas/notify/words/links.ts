import { encodeInsights, insightsPage } from '../../contract/logs-insights.ts';
import type { Notice } from '../../contract/notice.ts';
import type { NoticeLinks } from '../../contract/notice-links.ts';
import { MAX_LINKS } from '../../contract/notices/notice-limits.ts';
import { type PageParameters, type PageView, pageSearch } from '../../contract/page-address.ts';
import { anchorOf } from '../../contract/runbook.ts';
import type { AlarmText } from '../publish/alarm-text.ts';
import type { FactsQuestion } from './facts-question.ts';

type Link = Notice['links'][number];

/** Around the calls of a window, in milliseconds: a line is written when its call ends. */
const MARGIN_MS = 60_000;

/** An address that people can open: of https, and whole. */
const isWhole = (url: string | undefined): url is string =>
  url !== undefined && !url.includes('…') && URL.parse(url)?.protocol === 'https:';

/** A text in a query of Logs Insights. */
const literal = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`;

/** Finds the lines of the calls that a question is about; undefined for one that is about no calls. */
const queryOf = ({ kind, names, fault, slow_ms, traffic }: FactsQuestion): string | undefined => {
  if (kind === undefined) return undefined;
  const list = names?.split(',').map(literal) ?? [];
  const filters = [
    `kind=${literal(kind)}`,
    ...(list.length === 1 ? [`name=${list[0]}`] : []),
    ...(list.length > 1 ? [`name in [${list.join(',')}]`] : []),
    ...(slow_ms === undefined ? [] : [`duration_ms>${slow_ms}`]),
    ...(fault === undefined ? [] : [`fault=${literal(fault)}`]),
    ...((slow_ms ?? fault ?? traffic) ? [] : ['success=0', 'fault!="caller"']),
  ];
  return `filter ${filters.join(' and ')} | sort @timestamp desc`;
};

interface LinksOf {
  readonly base: NoticeLinks;
  readonly question: FactsQuestion | undefined;
  readonly heading: string;
  readonly alarm: AlarmText;
  readonly incident: string;
  /** What a mute of it mutes; undefined where there is nothing to mute. */
  readonly mute: PageParameters | undefined;
  /** The window of the calls. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** A view of the page, where a browser can open it. */
export const onPage = ({ page }: NoticeLinks, view: PageView, parameters: PageParameters): string | undefined =>
  page === undefined ? undefined : `${page}/${pageSearch(view, parameters)}`;

/**
 * Where to look and what to do: the calls of the window, the runbook, the incident on the page and what mutes it there, else
 * the dashboard. None that would not open; and none changes anything when it is opened, because programs open links too.
 */
export const linksOf = ({ base, question, heading, alarm, incident, mute, fromMs, untilMs }: LinksOf): Link[] => {
  const query = question && queryOf(question);
  const calls =
    query === undefined
      ? undefined
      : base.cloudWatch +
        insightsPage(encodeInsights(base.callLog), query, { fromMs: fromMs - MARGIN_MS, untilMs: untilMs + MARGIN_MS });
  const runbook = isWhole(alarm.runbook) ? alarm.runbook : base.runbook && `${base.runbook}#${anchorOf(heading)}`;
  const links = [
    { title: 'The calls', url: calls },
    { title: 'Runbook', url: runbook },
    { title: 'Incident', url: onPage(base, 'incident', { id: incident }) },
    { title: 'Mute', url: mute && onPage(base, 'mutes', mute) },
    { title: 'Dashboard', url: base.dashboard },
  ];
  return links.flatMap(({ title, url }) => (isWhole(url) ? [{ title, url }] : [])).slice(0, MAX_LINKS);
};
