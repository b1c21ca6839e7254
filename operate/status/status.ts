import { isDrill } from '../../lambdas/contract/alarms/alarm-name.ts';
import type { AlarmReport } from '../../lambdas/contract/alarms/alarms-report.ts';
import type { Incident } from '../../lambdas/contract/api/incidents.ts';
import type { ToolHealth, ToolsReport } from '../../lambdas/contract/reports.ts';
import type { Cell } from '../terminal/cell.ts';
import { stateCell } from '../terminal/cell.ts';
import { formatAge, formatSpan } from '../terminal/times.ts';

/** Figures older than this are stale, in seconds, as on the page. */
const STALE_SECONDS = 900;
/** How many of a kind are named. */
const NAMED = 20;

/** An answer, which is only the beginning of what there is where it says why; or why there is none. */
export type Answered<Value> = { readonly value: Value; readonly why?: string } | { readonly why: string };

/** What a status is made of, each asked by itself: what cannot be read of one says nothing of the others. */
export interface StatusParts {
  /** Those that fire. */
  readonly alarms: Answered<readonly AlarmReport[]>;
  readonly tools: Answered<ToolsReport>;
  /** Those that are open. */
  readonly incidents: Answered<readonly Incident[]>;
}

interface Broken {
  readonly kind: 'alarm' | 'tool' | 'incident' | 'figures';
  readonly severity: 'critical' | 'warning';
  readonly name: string;
  readonly since: string | null;
  readonly what: string;
  readonly muted: boolean;
  /** Who has seen it and works on it, of an incident. */
  readonly acknowledged_by: string | null;
}

/** What is broken now, and what of it nobody can tell. */
export interface Status {
  readonly state: 'ok' | 'broken' | 'unknown';
  readonly broken: readonly Broken[];
  /** What could not be read, or only its beginning: of such a part there are at least as many as counted here. */
  readonly unknown: readonly { readonly part: string; readonly why: string }[];
  readonly alarms_firing: number | null;
  readonly tools_failing: number | null;
  readonly incidents_open: number | null;
  readonly refreshed_at: string | null;
}

const isWrong = ({ firing_means }: AlarmReport): boolean => firing_means === 'something_is_wrong';

/** A tool that fails now: that it failed hours ago is no longer broken, though its figures of a day say so. */
const failsNow = ({ verdict, recent_failures }: ToolHealth): boolean =>
  (verdict === 'critical' || verdict === 'warning') && recent_failures > 0;

const ofAlarm = (alarm: AlarmReport): Broken => ({
  ...{ kind: 'alarm', severity: alarm.severity, name: alarm.name, since: alarm.since, muted: alarm.muted !== null },
  acknowledged_by: null,
  what: alarm.runbook.advice ?? alarm.means,
});

const ofTool = (tool: ToolHealth): Broken => ({
  ...{ kind: 'tool', severity: tool.verdict === 'critical' ? 'critical' : 'warning', since: null, muted: false },
  acknowledged_by: null,
  ...{ name: tool.tool_name, what: tool.health_reason },
});

const ofIncident = ({ incident_id, severity, began_at, title, acknowledged }: Incident): Broken => ({
  ...{ kind: 'incident', severity, name: incident_id, since: began_at, what: title, muted: false },
  acknowledged_by: acknowledged?.by ?? null,
});

const ofFigures = ({ refreshed_at, age_seconds }: ToolsReport): Broken[] => {
  if (age_seconds !== null && age_seconds <= STALE_SECONDS) return [];
  const what =
    age_seconds === null ? 'There are no figures yet.' : `The figures of tools are ${formatSpan(age_seconds)} old.`;
  const figures = { kind: 'figures', severity: 'warning', name: 'refresh', since: refreshed_at } as const;
  return [{ ...figures, what, muted: false, acknowledged_by: null }];
};

const foundIn = <Value>(answered: Answered<Value>): Value | undefined =>
  'value' in answered ? answered.value : undefined;

/** The status that follows from the parts. */
export const decideStatus = (parts: StatusParts): Status => {
  const unknown = Object.entries(parts).flatMap(([part, { why }]) => (why === undefined ? [] : [{ part, why }]));
  const [alarms, tools, incidents] = [foundIn(parts.alarms), foundIn(parts.tools), foundIn(parts.incidents)];
  const firing = alarms?.filter(isWrong);
  const open = incidents?.filter(({ cause }) => !isDrill(cause));
  const failing = tools?.tools.filter(failsNow);
  const broken = [
    ...(firing ?? []).map(ofAlarm),
    ...(open ?? []).map(ofIncident),
    ...(failing ?? []).map(ofTool),
    ...(tools ? ofFigures(tools) : []),
  ];
  const state = () => {
    if (broken.length > 0) return 'broken';
    return unknown.length > 0 ? 'unknown' : 'ok';
  };
  return {
    ...{ state: state(), broken, unknown },
    alarms_firing: firing?.length ?? null,
    tools_failing: failing?.length ?? null,
    incidents_open: open?.length ?? null,
    refreshed_at: tools?.refreshed_at ?? null,
  };
};

const listBroken = (broken: readonly Broken[], nowMs: number): Cell[][] =>
  broken
    .slice(0, NAMED)
    .map(({ kind, severity, name, since, what, muted, acknowledged_by }) => [
      kind,
      stateCell(severity),
      name,
      since === null ? '-' : formatAge(since, nowMs),
      `${muted ? '(muted) ' : ''}${acknowledged_by === null ? '' : `(acknowledged by ${acknowledged_by}) `}${what}`,
    ]);

/** What is broken, a row for each thing, under a header; and what could not be read. */
export const listStatus = (status: Status, nowMs = Date.now()): { broken: Cell[][]; remarks: string[] } => {
  const { broken, unknown, refreshed_at } = status;
  const rows = listBroken(broken, nowMs);
  const more = broken.length - rows.length;
  return {
    broken: rows.length > 0 ? [['', 'severity', 'name', 'for', 'what'], ...rows] : [],
    remarks: [
      ...(more > 0
        ? [`and ${unknown.length > 0 ? 'at least ' : ''}${more} more; toolwatch status --json lists them.`]
        : []),
      ...unknown.map(({ part, why }) => `The ${part} cannot all be read: ${why}`),
      ...(status.state === 'ok' ? ['Nothing is broken.'] : []),
      ...(refreshed_at === null ? [] : [`Figures of tools are of ${formatAge(refreshed_at, nowMs)} ago.`]),
    ],
  };
};
