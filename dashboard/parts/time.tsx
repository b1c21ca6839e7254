import { useNow } from '../data/context.ts';
import { formatAgo, formatClock, formatUtc } from '../words/format.ts';

/** A time in the reader's zone; hovering shows it in UTC. */
export const Time = ({ at, withSeconds = false }: { at: string | number; withSeconds?: boolean }) => {
  const now = useNow(60_000);
  return (
    <time dateTime={new Date(at).toISOString()} title={formatUtc(at)}>
      {formatClock(at, now, withSeconds)}
    </time>
  );
};

/** How long ago something was; hovering shows when, in UTC. */
export const Ago = ({ at }: { at: string | null }) => {
  const now = useNow();
  if (at === null) return <span>never</span>;
  return (
    <time dateTime={at} title={formatUtc(at)}>
      {formatAgo(at, now)}
    </time>
  );
};
