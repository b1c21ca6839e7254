import type { Firing, TestedAlarm } from '../../contract/alert-rules/backtest.ts';
import { MINUTE_MS } from '../../contract/durations.ts';
import { BAD_WINDOWS, isFailingWindow, isSlowWindow } from '../../contract/significance.ts';

/** What a tool's alarms would have seen in one window of five minutes. A window without calls has none. */
export interface ToolWindow {
  at_ms: number;
  /** All calls, and those that took longer than the limit. */
  calls: number;
  slow: number;
  /** Those that did not fail by their caller's fault, and those of them that failed. */
  counted: number;
  errors: number;
}

interface Limits {
  error_rate: number;
  min_calls: number;
  min_errors: number;
}

const WINDOW_MINUTES = 5;
const WINDOW_MS = WINDOW_MINUTES * MINUTE_MS;

/** The share that an alarm compares, in percent. */
const shareOf = ({ calls, slow, counted, errors }: ToolWindow, condition: TestedAlarm['condition']): number =>
  condition === 'failing' ? (100 * errors) / Math.max(1, counted) : (100 * slow) / Math.max(1, calls);

const isBad = (window: ToolWindow, condition: TestedAlarm['condition'], limits: Limits): boolean => {
  const { min_calls: minCalls, min_errors: minErrors, error_rate: rate } = limits;
  return condition === 'failing'
    ? isFailingWindow({ calls: window.counted, errors: window.errors }, { rate, minCalls, minErrors })
    : isSlowWindow(window, { minErrors });
};

/** When the alarm would have been on: from the first window in which enough of the last ones were bad. Oldest first. */
export const findFirings = (
  windows: readonly ToolWindow[],
  condition: TestedAlarm['condition'],
  limits: Limits,
  untilMs: number,
): Firing[] => {
  const { bad, of } = BAD_WINDOWS[condition];
  const badAt = new Map(
    windows.filter((window) => isBad(window, condition, limits)).map((window) => [window.at_ms, window]),
  );
  const onAt = new Set<number>();
  for (const at of badAt.keys())
    for (let end = at; end < at + of * WINDOW_MS; end += WINDOW_MS) {
      const last = Array.from({ length: of }, (_, back) => end - back * WINDOW_MS);
      if (end < untilMs && last.filter((window) => badAt.has(window)).length >= bad) onAt.add(end);
    }
  const firings: Firing[] = [];
  let endMs = Number.NEGATIVE_INFINITY;
  for (const at of [...onAt].sort((one, other) => one - other)) {
    const window = badAt.get(at);
    const figure = window ? shareOf(window, condition) : 0;
    const current = firings.at(-1);
    if (current && at === endMs) {
      current.minutes += WINDOW_MINUTES;
      current.figure = Math.max(current.figure, figure);
    } else {
      const began_at = new Date(at + WINDOW_MS).toISOString();
      firings.push({ began_at, ended_at: null, minutes: WINDOW_MINUTES, figure, tenant_id: null, name: null });
    }
    endMs = at + WINDOW_MS;
    const latest = firings.at(-1);
    if (latest) latest.ended_at = endMs + WINDOW_MS <= untilMs ? new Date(endMs + WINDOW_MS).toISOString() : null;
  }
  return firings;
};
