import { useContext } from 'preact/hooks';
import { PageContext } from '../../data/context.ts';
import { Choices } from '../../parts/choices.tsx';
import { Section } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import type { ViewProps } from '../../router/address.ts';
import { type Fleet, useFleet } from '../../tools/fleet.ts';
import { formatCount } from '../../words/format.ts';
import { Elsewhere } from './elsewhere.tsx';
import { findTroubles, type Trouble } from './find-troubles.ts';
import { PastTroubles } from './past-troubles.tsx';
import { ToolTable } from './tool-table.tsx';
import { TroubleCard } from './trouble-card.tsx';

/** How many troubles are shown with all that is known of each. */
const SHOWN_TROUBLES = 8;

const headlineOf = ({ tools }: Fleet, troubles: readonly Trouble[]): { text: string; tone: string } => {
  const failing = tools.filter(({ status }) => status.state === 'failing').length;
  const warned = tools.filter(({ status }) => status.state === 'warning').length;
  if (failing > 0) return { text: `${formatCount(failing, 'tool')} failing`, tone: 'critical' };
  const [worst] = troubles;
  if (worst?.severity === 'critical') return { text: worst.title, tone: 'critical' };
  if (warned > 0) return { text: `${formatCount(warned, 'tool')} to look at`, tone: 'warning' };
  if (worst) return { text: worst.title, tone: 'warning' };
  const isQuiet = tools.every(({ status }) => status.state !== 'healthy');
  if (isQuiet) return { text: 'Quiet, not proven well', tone: 'quiet' };
  return { text: 'Nothing is failing', tone: 'healthy' };
};

const NoCalls = () => (
  <section class="empty">
    <h2>No calls yet</h2>
    <p>
      Connect an MCP client to <code>{`${location.origin}/mcp`}</code> and call a tool. The call appears here seconds
      after the next refresh.
    </p>
  </section>
);

const Troubles = ({ troubles }: { troubles: readonly Trouble[] }) => (
  <Section title="What is broken" class="troubles">
    {troubles.slice(0, SHOWN_TROUBLES).map((trouble) => (
      <TroubleCard key={trouble.key} trouble={trouble} />
    ))}
    {troubles.length > SHOWN_TROUBLES && (
      <p class="note">And {formatCount(troubles.length - SHOWN_TROUBLES, 'more')}, in the list of tools below.</p>
    )}
  </Section>
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
      {fleet.problem !== undefined && (
        <p class="problem">The alarms are not known at the moment, and are those of before: {fleet.problem}</p>
      )}
      {troubles.length > 0 && <Troubles troubles={troubles} />}
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
          <ToolTable tools={fleet.tools} hidesCallers={hidesCallers} />
        </Section>
      )}
      <Elsewhere />
    </>
  );
};
