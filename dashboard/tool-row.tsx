import type { ToolHealth, TrendPoint } from '../lambdas/contract/reports.ts';
import { Failures } from './failures.tsx';
import { TrendChart } from './picture.tsx';
import { FAULT_WORDS, formatAgo, formatDuration, formatPercent, hasRecovered, VERDICT_WORDS } from './words.ts';

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

/** One tool: what is the matter, why and whose fault it is; opened, its latest failures. */
export const ToolRow = ({ tool, points, now, seconds, open, onToggle }: ToolRowProps) => {
  const { tool_name, verdict } = tool;
  const over = hasRecovered(tool);
  const panel = `failures-${tool_name}`;
  return (
    <>
      <tr class={`tool ${over ? 'over' : verdict}`}>
        <th scope="row">
          <button type="button" class="opener" aria-expanded={open} aria-controls={panel} onClick={onToggle}>
            <span class="name">{tool_name}</span>
            <span class="verdict">{over ? `was ${VERDICT_WORDS[verdict]}, now fine` : VERDICT_WORDS[verdict]}</span>
          </button>
          <p class="reason">{tool.health_reason}</p>
        </th>
        <td class="wide">
          <TrendChart points={points} hours={3} now={now} />
        </td>
        <td data-label="calls">{tool.total_invocations.toLocaleString('en')}</td>
        <td data-label="failed">{tool.total_invocations === 0 ? '–' : formatPercent(tool.error_rate_pct)}</td>
        <td data-label="p50 · p95">
          {formatDuration(tool.p50_ms)} · {formatDuration(tool.p95_all_ms)}
        </td>
        <td data-label="mostly" class="words">
          {tool.most_common_error === null ? (
            '–'
          ) : (
            <>
              <code>{tool.most_common_error}</code>
              {tool.most_common_fault && <span class="fault">up to {FAULT_WORDS[tool.most_common_fault]}</span>}
            </>
          )}
        </td>
        <td data-label="last call">{formatAgo(tool.last_invoked_at, now)}</td>
      </tr>
      {open && (
        <tr class="details" id={panel}>
          <td colSpan={COLUMNS}>
            <Failures tool={tool_name} now={now} seconds={seconds} />
          </td>
        </tr>
      )}
    </>
  );
};
