import { MAX_PROVIDER_PARTS } from '../../../lambdas/contract/answer-limits.ts';
import type { Provider } from '../../../lambdas/contract/api/providers.ts';
import type { PageParameters } from '../../../lambdas/contract/page-address.ts';
import { useMayOperate } from '../../data/context.ts';
import { ToolName } from '../../parts/name.tsx';
import { More, Nothing } from '../../parts/report.tsx';
import { Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Link } from '../../router/link.tsx';
import { formatDuration, formatNumber } from '../../words/format.ts';
import { describeFailures } from './describe-provider.ts';

interface ProviderPartsProps {
  readonly provider: Provider;
  /** Of which calls it is. */
  readonly window: PageParameters;
}

/** One provider in its parts: which of its domains fails, and which tools suffer. */
export const ProviderParts = ({
  provider: { provider: name, tools, tool_count, domains },
  window,
}: ProviderPartsProps) => {
  const mayOperate = useMayOperate();
  const calls = { provider: name, kind: 'all', ...window };
  return (
    <>
      <p class="links">
        <Link to="errors" parameters={{ provider: name }}>
          How its calls fail
        </Link>
        <Link to="calls" parameters={{ ...calls, success: 'false' }}>
          Failed calls
        </Link>
        {mayOperate && (
          <Link to="mutes" parameters={{ kind: 'provider', name }}>
            Mute
          </Link>
        )}
      </p>
      <div class="columns">
        <Section title="Tools that use it">
          {tools.length === 0 && <Nothing>No tool does; its calls are of other kinds.</Nothing>}
          {tools.length > 0 && (
            <Table
              title={`Tools that use ${name}`}
              rows={tools}
              keyOf={({ tool_name }) => tool_name}
              columns={[
                { title: 'Tool', kind: 'text', cell: ({ tool_name }) => <ToolName name={tool_name} /> },
                { title: 'Calls', kind: 'number', cell: (tool) => formatNumber(tool.calls) },
                {
                  title: 'Failed by its fault',
                  kind: 'number',
                  cell: (tool) => describeFailures(tool.failures, tool.calls),
                },
              ]}
            />
          )}
          {tool_count > tools.length && (
            <More>
              The {tools.length} with most calls, of {formatNumber(tool_count)}.
            </More>
          )}
        </Section>
        <Section title="Its domains">
          {domains.length === 0 && <Nothing>Its calls name no domain.</Nothing>}
          {domains.length > 0 && (
            <Table
              title={`Domains of ${name}`}
              rows={domains}
              keyOf={({ domain }) => domain}
              columns={[
                {
                  title: 'Domain',
                  kind: 'text',
                  cell: ({ domain }) => (
                    <Link to="calls" parameters={{ ...calls, domain }}>
                      {domain}
                    </Link>
                  ),
                },
                { title: 'Calls', kind: 'number', cell: (row) => formatNumber(row.calls) },
                {
                  title: 'Failed by its fault',
                  kind: 'number',
                  cell: (row) => describeFailures(row.failures.dependency, row.calls),
                },
                { title: 'p95', kind: 'number', cell: ({ p95_ms }) => formatDuration(p95_ms) },
              ]}
            />
          )}
          {domains.length >= MAX_PROVIDER_PARTS && <More>The {MAX_PROVIDER_PARTS} with most calls.</More>}
        </Section>
      </div>
    </>
  );
};
