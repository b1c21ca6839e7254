import type { Call } from '../../lambdas/contract/api/calls.ts';

export interface WaterfallRow {
  readonly call: Call;
  /** How many calls it is nested in. */
  readonly depth: number;
  /** Where its bar begins and how wide it is, in percent of the whole. */
  readonly startPct: number;
  readonly widthPct: number;
  /** How long after the first call it began. */
  readonly afterMs: number;
}

/** The least that a bar is wide, so that the shortest call is seen. */
const MIN_WIDTH_PCT = 0.5;

/** The calls of a thread as a waterfall: each below the one that made it, those beside each other in order of time. */
export const toWaterfall = (thread: readonly Call[]): WaterfallRow[] => {
  const begins = thread.map(({ started_at }) => Date.parse(started_at));
  const first = Math.min(...begins);
  const last = Math.max(...thread.map(({ started_at, duration_ms }) => Date.parse(started_at) + duration_ms));
  const whole = Math.max(1, last - first);
  const ids = new Set(thread.map(({ event_id }) => event_id));
  const inOrder = [...thread].sort((a, b) => a.started_at.localeCompare(b.started_at));
  const parentOf = ({ parent_id }: Call) => (parent_id !== null && ids.has(parent_id) ? parent_id : undefined);
  const childrenOf = (id: string | undefined) => inOrder.filter((call) => parentOf(call) === id);
  const placed = new Set<string>();
  const place = (call: Call, depth: number): WaterfallRow[] => {
    if (placed.has(call.event_id)) return [];
    placed.add(call.event_id);
    const afterMs = Date.parse(call.started_at) - first;
    const startPct = (100 * afterMs) / whole;
    const widthPct = Math.min(Math.max(MIN_WIDTH_PCT, (100 * call.duration_ms) / whole), 100 - startPct);
    return [
      { call, depth, startPct, widthPct: Math.max(MIN_WIDTH_PCT, widthPct), afterMs },
      ...childrenOf(call.event_id).flatMap((child) => place(child, depth + 1)),
    ];
  };
  const roots = childrenOf(undefined).flatMap((call) => place(call, 0));
  // Calls that say that they made each other have no beginning; none may be lost.
  return [...roots, ...thread.flatMap((call) => place(call, 0))];
};
