import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import type { AlarmReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import type { Incident } from '../../lambdas/contract/api/incidents.ts';
import type { ToolHealth, TrendPoint } from '../../lambdas/contract/reports.ts';
import { PageContext, useAnswer, useNow } from '../data/context.ts';
import { getFiringAlarms, getIncidents, getTrends } from '../data/questions.ts';
import type { PollState } from '../data/use-polling.ts';
import { alarmsOf, type FiringAlarm } from './alarms-of.ts';
import { statusOf, type ToolStatus } from './tool-status.ts';

export interface ToolNow {
  readonly tool: ToolHealth;
  readonly status: ToolStatus;
  readonly firing: readonly FiringAlarm[];
  /** The last three hours. */
  readonly points: readonly TrendPoint[];
}

/** How everything is now. */
export interface Fleet {
  /** The worst first. */
  readonly tools: readonly ToolNow[];
  /** Undefined for a reader who sees no alarms. */
  readonly alarms: readonly AlarmReport[] | undefined;
  /** Those that lasted within a day, the newest first; undefined for a reader who sees none. */
  readonly incidents: readonly Incident[] | undefined;
  /** False until the alarms and incidents are known, or it is known that they are not to be known. */
  readonly isKnown: boolean;
  /** Why the alarms are those of before; undefined while they are present, or not for this reader. */
  readonly problem: string | undefined;
}

const ORDER = ['failing', 'warning', 'quiet', 'unproven', 'healthy'] as const satisfies readonly ToolStatus['state'][];
/** How often statuses are decided anew while no answer comes, in milliseconds. */
const DECIDED_EVERY_MS = 10_000;

const isWorse = (a: ToolNow, b: ToolNow): number =>
  ORDER.indexOf(a.status.state) - ORDER.indexOf(b.status.state) ||
  Number(b.status.until !== undefined) - Number(a.status.until !== undefined) ||
  b.tool.error_count - a.tool.error_count ||
  a.tool.tool_name.localeCompare(b.tool.tool_name);

/** How long the view waits for alarms, in milliseconds: what is known without them is worth more than nothing. */
const WAITS_MS = 4_000;

const useIsLate = (): boolean => {
  const [isLate, setIsLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsLate(true), WAITS_MS);
    return () => clearTimeout(timer);
  }, []);
  return isLate;
};

const isSettled = ({ answer, problem }: PollState<unknown>): boolean => answer !== undefined || problem !== undefined;

/** How all tools are now, from what this reader may see. */
export const useFleet = (): Fleet => {
  const { tools } = useContext(PageContext);
  const trends = useAnswer('trends', getTrends).answer?.trends;
  const firing = useAnswer('alarms/firing', getFiringAlarms);
  const notified = useAnswer('incidents/day', (signal) => getIncidents(signal, { limit: 50 }));
  const isLate = useIsLate();
  const alarms = firing.answer?.alarms;
  const incidents = notified.answer?.incidents;
  const now = useNow(DECIDED_EVERY_MS);
  return useMemo(() => {
    const known = (tools.answer?.tools ?? []).map((tool) => {
      const name = tool.tool_name;
      const points = trends?.find(({ tool_name }) => tool_name === name)?.points ?? [];
      const own = alarms && alarmsOf(name, alarms);
      const past = (incidents ?? []).filter((incident) => incident.tool === name);
      return { tool, points, firing: own ?? [], status: statusOf(tool, { points, firing: own, incidents: past }, now) };
    });
    const isKnown = isLate || [firing, notified].every(isSettled);
    const problem = firing.isForbidden || firing.isMissing ? undefined : firing.problem;
    return { tools: known.sort(isWorse), alarms, incidents, isKnown, problem };
  }, [tools.answer, trends, firing, notified, isLate, now]);
};
