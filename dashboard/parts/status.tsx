import { useNow } from '../data/context.ts';
import type { ToolStatus } from '../tools/tool-status.ts';
import { formatClock, formatSpan, formatUtc } from '../words/format.ts';

/** A word with a tone. */
export const Badge = ({ tone, children }: { tone: string; children: string }) => (
  <span class={`badge ${tone}`}>{children}</span>
);

/** How it is with a tool now: `failing since 10:02`, `was failing 10:02–10:31`. */
export const Status = ({ status: { state, words, from, until } }: { status: ToolStatus }) => {
  const now = useNow(60_000);
  const title = [from, until].flatMap((at) => (at === undefined ? [] : [formatUtc(at)])).join(' – ');
  const span = from !== undefined && until !== undefined ? ` ${formatSpan(from, until, now)}` : '';
  const since = from !== undefined && until === undefined ? ` since ${formatClock(from, now)}` : '';
  return (
    <span class={`verdict ${state}`} title={title === '' ? undefined : title}>
      {words}
      {span}
      {since}
    </span>
  );
};
