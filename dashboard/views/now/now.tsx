import { useContext } from 'preact/hooks';
import { PageContext } from '../../data/context.ts';
import { Choices } from '../../parts/choices.tsx';
import { Filter } from '../../parts/filter.tsx';
import { ToolName } from '../../parts/name.tsx';
import { More } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Badge } from '../../parts/status.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { type Fleet, useFleet } from '../../tools/fleet.ts';
import { formatCount, formatNumber } from '../../words/format.ts';
import { Elsewhere } from './elsewhere.tsx';
import { findTroubles, type Trouble } from './find-troubles.ts';
import { headlineOf } from './headline.ts';
import { PastTroubles } from './past-troubles.tsx';
import { filterTools, needsFilter, TOOL_FIELDS } from './tool-filter.ts';
import { ToolTable } from './tool-table.tsx';
import { TroubleCard } from './trouble-card.tsx';

/** How many troubles are shown with all that is known of each. */
const SHOWN_TROUBLES = 8;

const NoCalls = () => (
  <section class="empty">
    <h2>No calls yet</h2>
    <p>
      Connect an MCP client to <code>{`${location.origin}/mcp`}</code> and call a tool. The call appears here seconds
      after the next refresh.
    </p>
  </section>
);

/** Troubles in a line each, with the way to more. */
const OtherTroubles = ({ troubles }: { troubles: readonly Trouble[] }) => (
  <details>
    <summary>{formatCount(troubles.length, 'more', 'more')}</summary>
    <ul class="plain">
      {troubles.map(({ key, title, severity, tool, incident }) => (
        <li key={key}>
          <Badge tone={severity}>{severity}</Badge> {title}{' '}
          {incident && (
            <Link to="incident" parameters={{ id: incident.incident_id }}>
              Incident
            </Link>
          )}{' '}
          {tool !== undefined && <ToolName name={tool} explains={false} />}
        </li>
      ))}
    </ul>
  </details>
);

const Troubles = ({ fleet, troubles }: { fleet: Fleet; troubles: readonly Trouble[] }) => (
  <Section title="What is broken" class="troubles">
    {troubles.slice(0, SHOWN_TROUBLES).map((trouble) => (
      <TroubleCard key={trouble.key} trouble={trouble} areAlarmsSeen={typeof fleet.firing !== 'string'} />
    ))}
    {troubles.length > SHOWN_TROUBLES && <OtherTroubles troubles={troubles.slice(SHOWN_TROUBLES)} />}
    {fleet.moreFiring > 0 && (
      <More>
        {formatCount(fleet.moreFiring, 'more alarm')} {fleet.moreFiring === 1 ? 'fires' : 'fire'}.{' '}
        <code>npx toolwatch alarms</code> lists all.
      </More>
    )}
  </Section>
);

/** What is not known and why, so that nobody takes it for healthy. */
const Unknown = ({ fleet: { firing, alarmsProblem, incidentsProblem } }: { fleet: Fleet }) => (
  <>
    {alarmsProblem !== undefined && (
      <p class="problem">
        {firing === 'unknown' ? 'The alarms are not known.' : 'The alarms are those that were read last.'}{' '}
        {alarmsProblem}
      </p>
    )}
    {incidentsProblem !== undefined && <p class="problem">The incidents may be out of date. {incidentsProblem}</p>}
    {firing === 'unseen' && (
      <p class="note">You see no alarms here: how a tool is follows from its calls of the last 15 minutes.</p>
    )}
  </>
);

/** What is broken, since when, whose fault it is, what changed, what to do and who knows; then how all tools are. */
export const NowView = ({ parameters }: ViewProps) => {
  const { tools } = useContext(PageContext);
  const fleet = useFleet();
  const troubles = findTroubles(fleet);
  const hasCalls = fleet.tools.some(({ tool }) => tool.total_invocations > 0);
  const { text, tone } = headlineOf(fleet, troubles);
  useTitle(tools.answer && fleet.isKnown && (hasCalls || troubles.length > 0) ? text : 'Now');
  if (!tools.answer || !fleet.isKnown)
    return (
      <>
        <h1 class="visually-hidden">Now</h1>
        {tools.problem === undefined && <p class="note loading">Loading…</p>}
      </>
    );
  const shown = filterTools(fleet.tools, parameters);
  const hidesCallers = parameters.callers === 'hide';
  return (
    <>
      {hasCalls || troubles.length > 0 ? (
        <h1 class={`headline ${tone}`} aria-live="polite">
          {text}
        </h1>
      ) : (
        <h1 class="visually-hidden">Now</h1>
      )}
      <Unknown fleet={fleet} />
      {troubles.length > 0 && <Troubles fleet={fleet} troubles={troubles} />}
      <PastTroubles fleet={fleet} troubles={troubles} />
      {!hasCalls && <NoCalls />}
      {fleet.tools.length > 0 && (
        <Section
          title="Tools, the worst first"
          aside={
            <Choices
              label="Which failures are counted"
              view="now"
              parameters={parameters}
              name="callers"
              options={[
                ['', 'All failures'],
                ['hide', 'Without callers’ faults'],
              ]}
            />
          }
        >
          {needsFilter(fleet.tools, parameters) && <Filter view="now" parameters={parameters} fields={TOOL_FIELDS} />}
          {shown.length < fleet.tools.length && (
            <p class="note">
              {formatNumber(shown.length)} of {formatCount(fleet.tools.length, 'tool')}.
            </p>
          )}
          {shown.length > 0 && <ToolTable tools={shown} hidesCallers={hidesCallers} />}
        </Section>
      )}
      <Elsewhere />
    </>
  );
};
