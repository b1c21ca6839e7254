import { useMemo } from 'preact/hooks';
import { MINUTE_MS } from '../../../lambdas/contract/durations.ts';
import { formatPart } from '../../../lambdas/contract/percent.ts';
import { SparkBars } from '../../charts/spark-bars.tsx';
import { useNow } from '../../data/context.ts';
import { ToolName } from '../../parts/name.tsx';
import { Status } from '../../parts/status.tsx';
import type { ToolNow } from '../../tools/fleet.ts';
import { formatAgo, formatDuration, formatNumber, formatUtc } from '../../words/format.ts';
import { FAULT_WORDS, isOther, OTHER_WORDS } from '../../words/terms.ts';

const HOURS = 3;
/** The bars move with each of these steps, in milliseconds. */
const STEP_MS = 5 * MINUTE_MS;
/** The colours of rows by what a tool is. */
const TONES: Readonly<Record<ToolNow['status']['state'], string>> = {
  failing: 'critical',
  warning: 'warning',
  healthy: 'healthy',
  quiet: 'quiet',
  unproven: 'quiet',
};

interface RowProps {
  readonly row: ToolNow;
  readonly hidesCallers: boolean;
  readonly now: number;
}

const MostCommonError = ({ row: { tool }, hidesCallers }: RowProps) => {
  const { most_common_error: code, most_common_fault: fault } = tool;
  if (code === null || (hidesCallers && fault === 'caller')) return <>–</>;
  return (
    <>
      <code>{code}</code>
      {fault && <span class="fault">{FAULT_WORDS[fault]} fault</span>}
    </>
  );
};

/** The bars of its last hours. */
const Trend = ({ row: { points }, hidesCallers, now }: RowProps) => {
  const shown = points?.map((point) =>
    hidesCallers ? { ...point, calls: point.calls - point.caller_errors, caller_errors: 0 } : point,
  );
  return shown ? <SparkBars points={shown.filter(({ calls }) => calls > 0)} hours={HOURS} now={now} /> : null;
};

const ToolRow = (props: RowProps) => {
  const { row, hidesCallers, now } = props;
  const { tool, status } = row;
  const left = hidesCallers ? tool.caller_error_count : 0;
  const ago = formatAgo(tool.last_invoked_at, now);
  return useMemo(
    () => (
      <tr class={`tool ${TONES[status.state]}`}>
        <th scope="row">
          <ToolName name={tool.tool_name} explains={false} /> <Status status={status} />
          <p class="reason">{isOther(tool.tool_name) ? OTHER_WORDS.tool : (status.note ?? tool.health_reason)}</p>
        </th>
        <td class="wide">
          <Trend {...props} />
        </td>
        <td data-label="calls">{formatNumber(tool.total_invocations - left)}</td>
        <td data-label="failed">{formatPart(tool.error_count - left, tool.total_invocations - left)}</td>
        <td data-label="p50 · p95">
          {formatDuration(tool.p50_ms)} · {formatDuration(tool.p95_ms)}
        </td>
        <td data-label="most common error" class="words">
          <MostCommonError {...props} />
        </td>
        <td data-label="last call">
          <span title={tool.last_invoked_at === null ? undefined : formatUtc(tool.last_invoked_at)}>{ago}</span>
        </td>
      </tr>
    ),
    // Of hundreds of rows few change with an answer.
    [JSON.stringify([tool, status, row.points]), hidesCallers, ago, Math.floor(now / STEP_MS)],
  );
};

/** All tools with their last 24 hours, the worst first. */
export const ToolTable = ({ tools, hidesCallers }: { tools: readonly ToolNow[]; hidesCallers: boolean }) => {
  const now = useNow(10_000);
  return (
    <>
      <table class="tools">
        <caption class="visually-hidden">Tools, the worst first</caption>
        <thead>
          <tr>
            <th scope="col">Tool</th>
            <th scope="col" class="wide">
              Last {HOURS} hours
            </th>
            <th scope="col">Calls</th>
            <th scope="col">Failed</th>
            <th scope="col">p50 · p95</th>
            <th scope="col" class="words">
              Most common error
            </th>
            <th scope="col">Last call</th>
          </tr>
        </thead>
        <tbody>
          {tools.map((row) => (
            <ToolRow key={row.tool.tool_name} row={row} hidesCallers={hidesCallers} now={now} />
          ))}
        </tbody>
      </table>
      <p class="note">
        Figures are of the last 24 hours; p50 and p95 are both of calls that succeeded. In the bars red failed, amber
        failed by the caller’s fault.
      </p>
    </>
  );
};
