import { encodeInsights, insightsPage } from '../../contract/logs-insights.ts';
import type { Notice } from '../../contract/notice.ts';
import type { NoticeLinks } from '../../contract/notice-links.ts';
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
  /** The window of the calls. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Where to look and what to do: the calls of the window, the runbook, the dashboard. None that would not open. */
export const linksOf = ({ base, question, heading, alarm, fromMs, untilMs }: LinksOf): Link[] => {
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
    { title: 'Dashboard', url: base.dashboard },
  ];
  return links.flatMap(({ title, url }) => (isWhole(url) ? [{ title, url }] : []));
};
