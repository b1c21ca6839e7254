import type { ToolHealth } from '../../lambdas/contract/reports.ts';
import { type Cell, stateCell } from '../terminal/cell.ts';
import { formatAge } from '../terminal/times.ts';

/** From the most to the least urgent. */
const URGENCY = ['critical', 'warning', 'insufficient_data', 'healthy'] satisfies ToolHealth['verdict'][];

const formatMs = (ms: number | null): string => (ms === null ? '-' : `${Math.round(ms)} ms`);

/** Tools by what is wrong with them, the worst first. */
const sortByUrgency = (tools: readonly ToolHealth[]): ToolHealth[] =>
  [...tools].sort(
    (one, other) =>
      URGENCY.indexOf(one.verdict) - URGENCY.indexOf(other.verdict) ||
      other.error_count - one.error_count ||
      one.tool_name.localeCompare(other.tool_name, 'en'),
  );

/** A row for each tool, under a header. */
export const listTools = (tools: readonly ToolHealth[], nowMs = Date.now()): Cell[][] => [
  ['verdict', 'tool', 'calls', 'failed', 'by callers', 'p50', 'p95', 'last call', 'why'],
  ...sortByUrgency(tools).map((tool) => [
    stateCell(tool.verdict),
    tool.tool_name,
    String(tool.total_invocations),
    `${tool.error_count} (${tool.error_rate_pct.toFixed(1)} %)`,
    String(tool.caller_error_count),
    formatMs(tool.p50_ms),
    formatMs(tool.p95_ms),
    formatAge(tool.last_invoked_at, nowMs),
    tool.health_reason,
  ]),
];
