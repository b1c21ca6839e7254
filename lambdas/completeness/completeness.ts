/** How often a tool was called in one stretch of time, by each who counts. */
export interface Counts {
  /** By Lambda itself: what all others are measured against. */
  platform: number;
  /** By the metrics read off the lines. These may count a line twice. */
  metrics: number;
  /** By the rows in the store. */
  rows: number;
}

/** A tool's counts in a quarter of an hour, and in that one with the quarters before and after it. */
export interface ToolCounts {
  tool: string;
  quarter: Counts;
  around: Counts;
}

export interface Shortfall {
  tool: string;
  calls: number;
  missing_metrics: number;
  missing_rows: number;
}

/**
 * How many calls did not arrive. A call near the quarter's edge may be counted on either side of it, so what is missing in
 * the quarter counts only as far as it is missing around it too. Too many is no fault: a metric may come twice, and a
 * tool that could not be run has a line from the gateway.
 */
const countMissing = (by: 'metrics' | 'rows', { quarter, around }: ToolCounts): number =>
  Math.max(0, Math.min(quarter.platform - quarter[by], around.platform - around[by]));

/** The share of calls that became a metric and a row, in percent; all, when there were none. And which tools fell short. */
export const completenessOf = (counted: readonly ToolCounts[]): { pct: number; shortfalls: Shortfall[] } => {
  const tools = counted.map((one) => ({
    tool: one.tool,
    calls: one.quarter.platform,
    missing_metrics: countMissing('metrics', one),
    missing_rows: countMissing('rows', one),
  }));
  const calls = tools.reduce((sum, one) => sum + one.calls, 0);
  const lost = tools.reduce((sum, one) => sum + Math.max(one.missing_metrics, one.missing_rows), 0);
  return {
    pct: calls === 0 ? 100 : (100 * (calls - lost)) / calls,
    shortfalls: tools.filter((one) => one.missing_metrics > 0 || one.missing_rows > 0),
  };
};
