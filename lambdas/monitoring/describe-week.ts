import { brokenWays, type LastDrill } from '../contract/drill.ts';
import type { Mute } from '../contract/mutes.ts';
import type { SelfCheckReport } from '../contract/self-check.ts';
import { channelOfWay } from '../contract/ways.ts';
import type { WeekReport } from '../contract/week-report.ts';

/** Everything that a report of a week says. */
export interface Week {
  readonly week: WeekReport;
  readonly drill: Pick<LastDrill, 'started_at' | 'ways'>;
  readonly mutes: readonly Mute[];
  /** What of the monitoring is off by now. */
  readonly selfCheck: SelfCheckReport;
}

/** How many findings and mutes a line names. */
const NAMED = 5;

const formatDay = (instant: string): string => instant.slice(0, 10);
/** `2026-11-30 10:02 UTC`. */
const formatMinute = (instant: string): string => `${instant.slice(0, 16).replace('T', ' ')} UTC`;
const formatNumber = (value: number): string => value.toLocaleString('en-US');

const listTools = (tools: WeekReport['worst']): string =>
  tools
    .map(({ tool, failed_pct, calls }) => `${tool} ${failed_pct.toFixed(1)} % of ${formatNumber(calls)}`)
    .join(', ') || 'none with enough calls';

const listSome = (items: readonly string[]): string =>
  items.slice(0, NAMED).join('; ') + (items.length > NAMED ? ` and ${items.length - NAMED} more` : '');

const describeDrill = ({ started_at, ways }: Week['drill']): string => {
  if (started_at === null) return 'Drill: there was none yet.';
  const broken = brokenWays({ ways });
  const unproven = ways.flatMap(({ way, level, confirmed_by }) =>
    level === 'accepted' && !confirmed_by ? (channelOfWay(way) ?? []) : [],
  );
  const seen = unproven.length > 0 ? ` Nobody has said that it was seen in: ${unproven.join(', ')}.` : '';
  const result =
    broken.length > 0
      ? `it did not arrive on ${broken.map(({ way }) => way).join(', ')}`
      : `it arrived on all ${ways.length} ways`;
  return `Drill of ${formatDay(started_at)}: ${result}.${seen}`;
};

const describeMutes = (mutes: readonly Mute[]): string => {
  const active = mutes.filter(({ status }) => status !== 'ended');
  const swallowed = mutes.filter(({ swallowed_total }) => swallowed_total > 0);
  const counts = swallowed.map(({ kind, name, swallowed_total }) => `${kind} ${name} ${swallowed_total}`);
  const heldBack = counts.length > 0 ? `Notifications not sent: ${listSome(counts)}.` : 'Nothing was held back.';
  return `Muted: ${active.length} now. ${heldBack}`;
};

const describeSelfCheck = ({ checked_at, findings }: SelfCheckReport): string => {
  if (checked_at === null)
    return 'Self-check: there was none yet, so nobody knows whether something of the monitoring is off.';
  if (findings.length > 0)
    return `Off at the self-check of ${formatMinute(checked_at)}: ${listSome(findings.map(({ what }) => what))}`;
  return `Nothing of the monitoring was off at the self-check of ${formatMinute(checked_at)}.`;
};

const describeIncidents = ({ pages, pages_without_need, warnings, longest: [longest] }: WeekReport): string => {
  const counts =
    `Notified of: ${pages} critical incidents, of which ${pages_without_need} ended by themselves within a quarter of an ` +
    `hour, and ${warnings} warnings.`;
  return longest ? `${counts} The longest: ${longest.title}.` : counts;
};

const describeCost = ({ cost_usd }: WeekReport): string =>
  cost_usd === null ? 'No tool says what its calls cost.' : `Calls cost ${cost_usd.toFixed(2)} dollars.`;

/** A report of a week, in lines. */
export const describeWeek = ({ week, drill, mutes, selfCheck }: Week): string[] => [
  `${formatDay(week.from)} to ${formatDay(week.until)}: ${formatNumber(week.calls)} calls of ${week.tools} tools, ` +
    `${formatNumber(week.failed)} failed, without those that failed by the caller's fault.`,
  `Worst: ${listTools(week.worst)}. Best: ${listTools(week.best)}.`,
  describeIncidents(week),
  `Deployments: ${week.deployments}. ${describeCost(week)}`,
  describeMutes(mutes),
  describeSelfCheck(selfCheck),
  describeDrill(drill),
];
