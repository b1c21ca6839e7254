import { Link } from '../router/link.tsx';
import { formatDuration } from '../words/format.ts';
import type { WaterfallRow } from './waterfall-rows.ts';

/** Calls that belong together on one line of time. Each row says in words what its bar shows. */
export const Waterfall = ({ rows, current }: { rows: readonly WaterfallRow[]; current: string }) => (
  <ol class="waterfall">
    {rows.map(({ call, depth, startPct, widthPct, afterMs }) => (
      <li key={call.event_id} class={call.event_id === current ? 'current' : undefined}>
        <span class="waterfall-name" style={{ paddingInlineStart: `${depth * 14}px` }}>
          <Link to="call" parameters={{ id: call.event_id, at: call.started_at }} isCurrent={call.event_id === current}>
            {call.kind === 'tool' ? call.name : `${call.kind} ${call.name}`}
          </Link>
          {call.attempts > 1 && <span class="note"> {call.attempts} attempts</span>}
          {call.replay_of !== null && <span class="note"> a repetition</span>}
        </span>
        <span class="waterfall-line">
          <span
            class={`waterfall-bar ${call.success ? 'healthy' : 'critical'}`}
            style={{ marginInlineStart: `${startPct}%`, width: `${widthPct}%` }}
          />
        </span>
        <span class="waterfall-words">
          {formatDuration(call.duration_ms)} after {formatDuration(afterMs)}
          {!call.success && <span class="problem"> {call.error_code}</span>}
        </span>
      </li>
    ))}
  </ol>
);
