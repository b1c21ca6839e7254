import { brokenWays, type LastDrill } from '../contract/drill.ts';
import { DAY_MS } from '../contract/durations.ts';
import type { Mute } from '../contract/mutes.ts';
import { formatPart } from '../contract/percent.ts';
import type { SelfCheckReport } from '../contract/self-check.ts';
import { channelOfWay } from '../contract/ways.ts';
import { MIN_CALLS_A_WEEK, type WeekReport, type WeekTool } from '../contract/week-report.ts';

/** Everything that a report of a week says. */
export interface Week {
  readonly week: WeekReport;
  readonly drill: Pick<LastDrill, 'started_at' | 'ways'>;
  readonly mutes: readonly Mute[];
  /** What of the monitoring is off by now. */
  readonly selfCheck: SelfCheckReport;
}

/** A report as people read it, the most important first. */
export interface WeekText {
  readonly title: string;
  readonly lines: readonly string[];
}

/** How many findings, mutes and ways a line names. */
const NAMED = 5;
/** How many tools a line names: it is read on a telephone. */
const NAMED_TOOLS = 3;

/** `Mon, 30 Nov 2026 10:02:00 GMT` as its day, month and year. */
const readDate = (at: number): string[] => new Date(at).toUTCString().split(' ').slice(1, 4);
/** `24 Nov`, without a zero before it. */
const formatDay = (at: number): string => {
  const [day = '', month = ''] = readDate(at);
  return `${Number(day)} ${month}`;
};
/** `30 Nov 10:02 UTC`. */
const formatMinute = (instant: string): string => `${formatDay(Date.parse(instant))} ${instant.slice(11, 16)} UTC`;
/** `23–29 Nov 2026`, and `30 Nov–6 Dec 2026`: from the first to the last day. */
const formatDays = ({ from, until }: Pick<WeekReport, 'from' | 'until'>): string => {
  const [first, last] = [Date.parse(from), Date.parse(until) - DAY_MS];
  const [day = '', month, year] = readDate(first);
  const [, lastMonth, lastYear] = readDate(last);
  const begin = month === lastMonth ? String(Number(day)) : formatDay(first);
  return `${begin}${year === lastYear ? '' : ` ${year}`}–${formatDay(last)} ${lastYear}`;
};

const formatNumber = (value: number): string => value.toLocaleString('en-US');
/** `1 call`, `1,200 calls`. */
const formatCount = (count: number, noun: string): string => `${formatNumber(count)} ${noun}${count === 1 ? '' : 's'}`;

const listSome = (items: readonly string[], separator: string): string =>
  items.slice(0, NAMED).join(separator) + (items.length > NAMED ? ` and ${items.length - NAMED} more` : '');

const withoutStop = (sentence: string): string => sentence.replace(/\.$/, '');

const describeTool = ({ tool, calls, failed }: WeekTool): string =>
  `${tool} ${formatPart(failed, calls)} of ${formatNumber(calls)}`;
const listTools = (tools: readonly WeekTool[]): string => tools.slice(0, NAMED_TOOLS).map(describeTool).join(', ');

const describeTools = ({ calls, worst, best }: WeekReport): string[] => {
  if (calls === 0) return [];
  if (worst.length + best.length === 0)
    return [`No tool had ${MIN_CALLS_A_WEEK} calls, so none is among the worst or the best.`];
  const named = worst.slice(0, NAMED_TOOLS).map(({ tool }) => tool);
  const others = best.filter(({ tool }) => !named.includes(tool));
  return [
    ...(worst.length > 0 ? [`Failed most: ${listTools(worst)}.`] : []),
    ...(others.length > 0 ? [`Failed least: ${listTools(others)}.`] : []),
  ];
};

const describePages = ({ pages, pages_without_need }: WeekReport): string => {
  if (pages === 0) return 'none';
  return pages_without_need === 0
    ? `${pages} (none was over by itself within 15 min)`
    : `${pages} (${pages_without_need} needed nothing: over by itself within 15 min)`;
};

const describeIncidents = (week: WeekReport): string[] => {
  const [longest] = week.longest;
  return [
    `Pages: ${describePages(week)}. Warnings: ${week.warnings === 0 ? 'none' : formatNumber(week.warnings)}.`,
    ...(longest ? [`Longest: ${withoutStop(longest.title)}.`] : []),
  ];
};

const describeSelfCheck = ({ checked_at, findings }: SelfCheckReport): string => {
  if (checked_at === null)
    return 'Monitoring: there was no self-check yet, so nobody knows whether something of it is off.';
  const found = findings.map(({ what }) => withoutStop(what));
  const off = found.length > 0 ? `Monitoring off: ${listSome(found, '; ')}` : 'Monitoring: nothing is off';
  return `${off} (self-check of ${formatMinute(checked_at)}).`;
};

const describeMutes = (mutes: readonly Mute[]): string => {
  const active = mutes.filter(({ status }) => status !== 'ended');
  const swallowed = mutes.filter(({ swallowed_total }) => swallowed_total > 0);
  const counts = swallowed.map(
    ({ kind, name, swallowed_total }) => `${formatNumber(swallowed_total)} of ${kind} ${name}`,
  );
  const names = active.map(({ kind, name }) => `${kind} ${name}`);
  const now = names.length > 0 ? listSome(names, ', ') : 'nothing';
  const heldBack = counts.length > 0 ? ` Not sent because of mutes: ${listSome(counts, ', ')}.` : '';
  return `Muted now: ${now}.${heldBack}`;
};

const describeDrill = ({ started_at, ways }: Week['drill']): string => {
  if (started_at === null) return 'Drill: there was none yet.';
  const broken = brokenWays({ ways }).map(({ way }) => way);
  const unproven = ways.flatMap(({ way, level, confirmed_by }) =>
    level === 'accepted' && !confirmed_by ? (channelOfWay(way) ?? []) : [],
  );
  const seen = unproven.length > 0 ? ` Nobody has said that it was seen in: ${listSome(unproven, ', ')}.` : '';
  const result =
    broken.length > 0
      ? `it did not arrive on ${listSome(broken, ', ')}`
      : `it arrived on ${ways.length === 1 ? 'its only way' : `all ${ways.length} ways`}`;
  return `Drill of ${formatDay(Date.parse(started_at))}: ${result}.${seen}`;
};

const DOLLARS = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
const describeCost = ({ cost_usd, deployments, calls }: WeekReport): string => {
  const changes = `Deployments: ${deployments}.`;
  if (calls === 0) return changes;
  if (cost_usd === null) return `No tool says what its calls cost. ${changes}`;
  return `Calls cost ${cost_usd.toLocaleString('en-US', DOLLARS)} dollars. ${changes}`;
};

const describeCalls = ({ calls, tools, failed }: WeekReport): string => {
  if (calls === 0) return 'no calls';
  const failures = failed === 0 ? 'none failed' : `${formatNumber(failed)} failed (${formatPart(failed, calls)})`;
  return `${formatCount(calls, 'call')} of ${formatCount(tools, 'tool')}, ${failures}`;
};

/** A report of a week in words. What failed by its caller's fault is not counted as failed. */
export const describeWeek = ({ week, drill, mutes, selfCheck }: Week): WeekText => ({
  title: `Week of ${formatDays(week)}: ${describeCalls(week)}`,
  lines: [
    ...describeIncidents(week),
    ...describeTools(week),
    describeSelfCheck(selfCheck),
    describeMutes(mutes),
    describeDrill(drill),
    describeCost(week),
  ],
});
