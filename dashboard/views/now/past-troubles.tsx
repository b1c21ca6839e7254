import { DAY_MS } from '../../../lambdas/contract/durations.ts';
import { useNow } from '../../data/context.ts';
import { More } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { Status } from '../../parts/status.tsx';
import { Link } from '../../router/link.tsx';
import type { Fleet } from '../../tools/fleet.ts';
import { formatCount, formatSpan } from '../../words/format.ts';
import type { Trouble } from './find-troubles.ts';

/** How many are listed; the rest is in the list of incidents. */
const SHOWN = 5;

/** What was broken within a day and is no longer, each with when. */
export const PastTroubles = ({ fleet, troubles }: { fleet: Fleet; troubles: readonly Trouble[] }) => {
  const now = useNow(60_000);
  const current = new Set(troubles.map(({ incident }) => incident?.incident_id));
  const ended = (fleet.incidents ?? [])
    .filter(({ incident_id }) => !current.has(incident_id))
    .filter(({ ended_at }) => ended_at === null || Date.parse(ended_at) > now - DAY_MS);
  const notified = new Set(ended.map(({ tool }) => tool));
  const tools = fleet.tools.filter(({ tool, status }) => status.until !== undefined && !notified.has(tool.tool_name));
  if (ended.length + tools.length === 0) return null;
  const shownTools = tools.slice(0, SHOWN);
  const left = Math.max(0, ended.length - SHOWN);
  return (
    <Section title="Over within a day" aside={fleet.incidents && <Link to="incidents">All incidents</Link>}>
      <ul class="plain">
        {ended.slice(0, SHOWN).map(({ incident_id, title, began_at, ended_at, state }) => (
          <li key={incident_id}>
            <Link to="incident" parameters={{ id: incident_id }}>
              {title}
            </Link>{' '}
            <span class="note">
              {ended_at === null
                ? 'None of its alarms fires any more; it is about to be over.'
                : formatSpan(Date.parse(began_at), Date.parse(ended_at), now)}
              {state === 'quiet' && ', quiet since: not proven well'}
            </span>
          </li>
        ))}
        {shownTools.map(({ tool, status }) => (
          <li key={tool.tool_name}>
            <Link to="tool" parameters={{ name: tool.tool_name }}>
              {tool.tool_name}
            </Link>{' '}
            <Status status={status} />
          </li>
        ))}
      </ul>
      {left > 0 && <More>{formatCount(left, 'more incident')}, in the list of all.</More>}
      {tools.length > shownTools.length && (
        <More>
          {formatCount(tools.length - shownTools.length, 'more tool')} that failed, in the list of tools below.
        </More>
      )}
    </Section>
  );
};
