import { useContext, useEffect, useMemo, useState } from 'preact/hooks';
import type { AlarmsReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import type { Incident } from '../../lambdas/contract/api/incidents.ts';
import type { ToolHealth, TrendPoint } from '../../lambdas/contract/reports.ts';
import { PageContext, useAnswer, useNow } from '../data/context.ts';
import { askFiringAlarms, askNewestIncidents, askTrends } from '../data/questions.ts';
import type { PollState } from '../data/use-polling.ts';
import { alarmsOf, type FiringAlarm, firingIn } from './alarms-of.ts';
import { statusOf, type ToolStatus } from './tool-status.ts';

export interface ToolNow {
  readonly tool: ToolHealth;
  readonly status: ToolStatus;
  readonly firing: readonly FiringAlarm[];
  /** The last three hours; undefined until they are known. */
  readonly points: readonly TrendPoint[] | undefined;
}

/** How everything is now. */
export interface Fleet {
  /** The worst first. */
  readonly tools: readonly ToolNow[];
  /** What fires: `unseen` by a reader who sees no alarms, `unknown` where they could not be read. */
  readonly firing: readonly FiringAlarm[] | 'unseen' | 'unknown';
  /** How many more alarms fire than an answer has. */
  readonly moreFiring: number;
  /** The newest; undefined for a reader who sees none, or where they could not be read. */
  readonly incidents: readonly Incident[] | undefined;
  /** False until the alarms and incidents are known, or it is known that they are not to be known. */
  readonly isKnown: boolean;
  /** Why the alarms are those of before, or not known; undefined while they are present, or not for this reader. */
  readonly alarmsProblem: string | undefined;
  /** The same of the incidents. */
  readonly incidentsProblem: string | undefined;
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

/** True where a question is not for this reader, or nobody here answers it. */
const isUnseen = ({ isForbidden, isMissing }: PollState<unknown>): boolean => Boolean(isForbidden || isMissing);

/** Why an answer is of before, or not there; undefined where it is present, or not for this reader. */
const problemOf = (state: PollState<unknown>): string | undefined => {
  if (isUnseen(state)) return undefined;
  return state.problem ?? (state.answer === undefined ? 'They have not been answered yet.' : undefined);
};

const firingFrom = (state: PollState<AlarmsReport>): Fleet['firing'] => {
  if (isUnseen(state)) return 'unseen';
  return state.answer ? firingIn(state.answer.alarms) : 'unknown';
};

/** How all tools are now, from what this reader may see. */
export const useFleet = (): Fleet => {
  const { tools } = useContext(PageContext);
  const trends = useAnswer(askTrends()).answer?.trends;
  const alarms = useAnswer(askFiringAlarms());
  const notified = useAnswer(askNewestIncidents());
  const isLate = useIsLate();
  const now = useNow(DECIDED_EVERY_MS);
  return useMemo(() => {
    const incidents = isUnseen(notified) ? undefined : notified.answer?.incidents;
    const firing = firingFrom(alarms);
    const pointsByTool = new Map(trends?.map(({ tool_name, points }) => [tool_name, points]));
    const known = (tools.answer?.tools ?? []).map((tool) => {
      const name = tool.tool_name;
      const points = trends && (pointsByTool.get(name) ?? []);
      const own = typeof firing === 'string' ? firing : alarmsOf(name, firing);
      const past = (incidents ?? []).filter((incident) => incident.tool === name);
      const status = statusOf(tool, { points: points ?? [], firing: own, incidents: past }, now);
      return { tool, points, firing: typeof own === 'string' ? [] : own, status };
    });
    return {
      tools: known.sort(isWorse),
      firing,
      moreFiring: alarms.answer && alarms.answer.next !== null ? alarms.answer.total - alarms.answer.alarms.length : 0,
      incidents,
      isKnown: isLate || [alarms, notified].every(isSettled),
      alarmsProblem: problemOf(alarms),
      incidentsProblem: problemOf(notified),
    };
  }, [tools.answer, trends, alarms, notified, isLate, now]);
};
