import { MAX_PROVIDERS } from '../../../lambdas/contract/answer-limits.ts';
import type { Provider } from '../../../lambdas/contract/api/providers.ts';
import { useAnswer } from '../../data/context.ts';
import { askProviders } from '../../data/questions.ts';
import { Filter, type FilterField, windowField } from '../../parts/filter.tsx';
import { FirstNames, ProviderName, ToolName } from '../../parts/name.tsx';
import { More, Nothing, Report } from '../../parts/report.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Table } from '../../parts/table.tsx';
import { Ago, Time } from '../../parts/time.tsx';
import type { ViewProps } from '../../router/address.ts';
import { Link } from '../../router/link.tsx';
import { windowIn } from '../../tools/call-window.ts';
import { formatDuration, formatNumber } from '../../words/format.ts';
import { describeBefore, describeFailures, describeOtherFailures, sortWorstFirst } from './describe-provider.ts';
import { ProviderParts } from './provider-parts.tsx';

/** How many tools and domains a row names. */
const NAMED = 3;

const fieldsOf = (parameters: ViewProps['parameters']): FilterField[] => [
  { name: 'provider', label: 'Provider', placeholder: 'shop' },
  windowField(parameters, [
    ['60', 'Last hour'],
    ['360', 'Last 6 h'],
    ['1440', 'Last 24 h'],
    ['10080', 'Last 7 d'],
  ]),
];
const OTHERS = ['from', 'to'];

interface ProvidersProps extends ViewProps {
  readonly providers: readonly Provider[];
}

const ProvidersTable = ({ providers, parameters }: ProvidersProps) => {
  const window = windowIn(parameters);
  return (
    <Table
      title="Providers, those that fail most of their calls first"
      rows={sortWorstFirst(providers)}
      keyOf={({ provider }) => provider}
      columns={[
        {
          title: 'Provider',
          kind: 'text',
          cell: ({ provider, domains }) => (
            <>
              <ProviderName name={provider} window={window} />
              <span class="note below">
                <FirstNames names={domains.slice(0, NAMED).map(({ domain }) => domain)} total={domains.length} />
              </span>
            </>
          ),
        },
        {
          title: 'Calls',
          kind: 'number',
          cell: ({ provider, calls }) => (
            <Link to="calls" parameters={{ provider, kind: 'all', ...window }}>
              {formatNumber(calls)}
            </Link>
          ),
        },
        {
          title: 'Failed by its fault',
          kind: 'number',
          cell: ({ failures, calls }) => describeFailures(failures.dependency, calls),
        },
        { title: 'Before', kind: 'text', cell: describeBefore },
        { title: 'Other failures', kind: 'text', cell: describeOtherFailures },
        { title: 'p95', kind: 'number', cell: ({ p95_ms }) => formatDuration(p95_ms) },
        { title: 'Last failure', cell: ({ last_failure_at }) => <Ago at={last_failure_at} /> },
        {
          title: 'Tools',
          kind: 'text',
          cell: ({ tools, tool_count }) => (
            <FirstNames
              names={tools
                .slice(0, NAMED)
                .map(({ tool_name }) => <ToolName key={tool_name} name={tool_name} explains={false} />)}
              total={tool_count}
            />
          ),
        },
      ]}
    />
  );
};

/** Outside services and the calls that depend on them, the worst first. A single one is shown with its tools and domains. */
export const ProvidersView = ({ parameters }: ViewProps) => {
  useTitle(parameters.provider ?? 'Providers');
  const report = useAnswer(askProviders({ provider: parameters.provider, ...windowIn(parameters) }));
  return (
    <>
      <h1 class="view-title">Providers</h1>
      <Filter view="providers" parameters={parameters} fields={fieldsOf(parameters)} others={OTHERS} />
      <Report of={report}>
        {({ providers, since }) => (
          <>
            <p class="note">
              Calls since <Time at={since} />; “Before” is the equally long time before that. p95 is of calls that
              succeeded.
            </p>
            {providers.length === 0 ? (
              <Nothing>
                No call since <Time at={since} /> used {parameters.provider ?? 'an outside service'}.
              </Nothing>
            ) : (
              <ProvidersTable providers={providers} parameters={parameters} />
            )}
            {providers.length >= MAX_PROVIDERS && <More>These are the {MAX_PROVIDERS} with most calls.</More>}
            {parameters.provider !== undefined && providers[0] && (
              <ProviderParts provider={providers[0]} window={windowIn(parameters)} />
            )}
          </>
        )}
      </Report>
    </>
  );
};
