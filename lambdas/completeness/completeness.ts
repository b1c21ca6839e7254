/** How often a tool was called in one period, according to each source. */
export interface Counts {
  /** Lambda's own count: the reference for the others. */
  platform: number;
  /** Calls in the metrics that are read from the lines. These may count a line twice. */
  metrics: number;
  /** Rows in the store. */
  rows: number;
}

/** A tool's counts in a quarter of an hour, and in that quarter together with the ones before and after it. */
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
 * How many calls did not arrive. A call near the quarter's edge may be counted in the neighbouring quarter, so what is
 * missing in the quarter counts only as far as it is missing in the wider period too. A surplus is not a fault: a
 * metric may come twice, and the gateway writes a line for a tool that could not be run.
 */
const countMissing = (source: 'metrics' | 'rows', { quarter, around }: ToolCounts): number =>
  Math.max(0, Math.min(quarter.platform - quarter[source], around.platform - around[source]));

/** The share of calls that became a metric and a row, in percent (100 without calls), and the tools that fell short. */
export const completenessOf = (toolCounts: readonly ToolCounts[]): { pct: number; shortfalls: Shortfall[] } => {
  const tools = toolCounts.map((counts) => ({
    tool: counts.tool,
    calls: counts.quarter.platform,
    missing_metrics: countMissing('metrics', counts),
    missing_rows: countMissing('rows', counts),
  }));
  const calls = tools.reduce((sum, tool) => sum + tool.calls, 0);
  const lost = tools.reduce((sum, tool) => sum + Math.max(tool.missing_metrics, tool.missing_rows), 0);
  return {
    pct: calls === 0 ? 100 : (100 * (calls - lost)) / calls,
    shortfalls: tools.filter((tool) => tool.missing_metrics > 0 || tool.missing_rows > 0),
  };
};
