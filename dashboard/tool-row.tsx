import { formatPart } from '../lambdas/contract/percent.ts';
import type { ToolHealth, TrendPoint } from '../lambdas/contract/reports.ts';
import { Failures } from './failures.tsx';
import { FAULT_WORDS, formatAgo, formatDuration, hasRecovered, VERDICT_WORDS } from './format.ts';
import { TrendChart } from './trend-chart.tsx';

interface ToolRowProps {
  tool: ToolHealth;
  /** Its last three hours. */
  points: TrendPoint[];
  now: number;
  seconds: number;
  open: boolean;
  onToggle(): void;
}

const COLUMNS = 7;

/** A tool: its verdict, why, and whose fault it is; when open, its latest failures too. */
export const ToolRow = ({ tool, points, now, seconds, open, onToggle }: ToolRowProps) => {
  const { tool_name, verdict } = tool;
  const recovered = hasRecovered(tool);
  const panelId = `failures-${tool_name}`;
  return (
    <>
      <tr class={`tool ${recovered ? 'recovered' : verdict}`}>
        <th scope="row">
          <button type="button" class="toggle" aria-expanded={open} aria-controls={panelId} onClick={onToggle}>
            <span class="name">{tool_name}</span>
            <span class="verdict">
              {recovered ? `was ${VERDICT_WORDS[verdict]}, has recovered` : VERDICT_WORDS[verdict]}
            </span>
          </button>
          <p class="reason">{tool.health_reason}</p>
        </th>
        <td class="wide">
          <TrendChart points={points} hours={3} now={now} />
        </td>
        <td data-label="calls">{tool.total_invocations.toLocaleString('en')}</td>
        <td data-label="failed">{formatPart(tool.error_count, tool.total_invocations)}</td>
        <td data-label="p50 · p95">
          {formatDuration(tool.p50_ms)} · {formatDuration(tool.p95_all_ms)}
        </td>
        <td data-label="most common error" class="words">
          {tool.most_common_error === null ? (
            '–'
          ) : (
            <>
              <code>{tool.most_common_error}</code>
              {tool.most_common_fault && <span class="fault">{FAULT_WORDS[tool.most_common_fault]} fault</span>}
            </>
          )}
        </td>
        <td data-label="last call">{formatAgo(tool.last_invoked_at, now)}</td>
      </tr>
      {open && (
        <tr class="details" id={panelId}>
          <td colSpan={COLUMNS}>
            <Failures tool={tool_name} now={now} seconds={seconds} />
          </td>
        </tr>
      )}
    </>
  );
};
