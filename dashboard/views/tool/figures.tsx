import type { ToolDetail, ToolMix } from '../../../lambdas/contract/api/tools.ts';
import type { PageParameters } from '../../../lambdas/contract/page-address.ts';
import { formatLimit, formatPart } from '../../../lambdas/contract/percent.ts';
import { More } from '../../parts/report.tsx';
import { Facts, Section } from '../../parts/section.tsx';
import { Table } from '../../parts/table.tsx';
import { Ago } from '../../parts/time.tsx';
import { Link } from '../../router/link.tsx';
import { formatCost, formatDuration, formatNumber } from '../../words/format.ts';
import { FAULT_WORDS } from '../../words/terms.ts';

const describeLimits = ({ thresholds }: ToolDetail): string => {
  if (!thresholds) return 'none: it is not registered';
  const { error_rate, p95_ms, objective } = thresholds;
  const limits = [`${formatLimit(error_rate)} may fail`, `p95 of ${formatDuration(p95_ms)}`];
  return [...limits, ...(objective === null ? [] : [`objective of ${formatLimit(objective)}`])].join(', ');
};

const describeSinceDeployment = ({ since_deployment: since, deployments }: ToolDetail): string => {
  if (deployments.length === 0) return 'no deployment is known';
  if (!since) return 'not called since, nor in the day before';
  return `${formatPart(since.failures_before, since.calls_before)} failed before, ${formatPart(since.failures, since.calls)} since`;
};

/** A tool's last 24 hours in figures. */
export const ToolFigures = ({ detail }: { detail: ToolDetail }) => {
  const { tool, figures, starts } = detail;
  const cold = starts.find(({ cold_start }) => cold_start);
  const warm = starts.find(({ cold_start }) => !cold_start);
  return (
    <Facts
      facts={[
        ['Calls in 24 hours', formatNumber(tool.total_invocations)],
        [
          'Failed, without callers’ faults',
          formatPart(tool.error_count - tool.caller_error_count, tool.total_invocations),
        ],
        ['By callers’ faults', formatPart(tool.caller_error_count, tool.total_invocations)],
        ['Timeouts', formatNumber(tool.timeout_count)],
        [
          'p50 · p95 · p99 of successes',
          [tool.p50_ms, tool.p95_ms, figures.p99_ms].map((ms) => formatDuration(ms)).join(' · '),
        ],
        ['p95 of all calls', formatDuration(tool.p95_all_ms)],
        cold && ['Cold starts', `${formatNumber(cold.calls)}, p50 ${formatDuration(cold.p50_ms)}`],
        warm && ['Warm starts', `${formatNumber(warm.calls)}, p50 ${formatDuration(warm.p50_ms)}`],
        ['Limits of its alarms', describeLimits(detail)],
        ['Newest deployment', <Link to="deployments">{describeSinceDeployment(detail)}</Link>],
        tool.most_common_error
          ? [
              'Most common error',
              [
                tool.most_common_error,
                ...(tool.most_common_fault ? [`${FAULT_WORDS[tool.most_common_fault]} fault`] : []),
              ].join(', '),
            ]
          : undefined,
        figures.cost_usd > 0 ? ['Cost', formatCost(figures.cost_usd)] : undefined,
        ['Last call', <Ago at={tool.last_invoked_at} />],
      ]}
    />
  );
};

/** The most rows that an answer has of each. */
const MAX_MIX = 10;

interface MixTableProps {
  readonly title: string;
  readonly rows: ToolMix['versions'];
  /** The parameters of the calls of one row; undefined where calls cannot be asked for by it. */
  readonly parametersOf?: (name: string) => PageParameters;
}

const MixTable = ({ title, rows, parametersOf }: MixTableProps) => (
  <div>
    <h3>{title}s</h3>
    <Table
      title={`${title}s`}
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        {
          title,
          kind: 'text',
          cell: ({ name }) =>
            parametersOf ? (
              <Link to="calls" parameters={parametersOf(name)}>
                {name}
              </Link>
            ) : (
              name
            ),
        },
        { title: 'Calls', kind: 'number', cell: ({ calls }) => formatNumber(calls) },
        { title: 'Failed', kind: 'number', cell: ({ calls, failures }) => formatPart(failures, calls) },
      ]}
    />
    {rows.length >= MAX_MIX && <More>The ten with most calls.</More>}
  </div>
);

/** Who called a tool in the last 24 hours, and which of its versions. */
export const ToolCallers = ({ name, detail: { mix } }: { name: string; detail: ToolDetail }) => {
  const day = { tool: name, minutes: 1_440 };
  return (
    <Section title="Who calls it">
      {mix.is_sample && <p class="note">Of its newest {formatNumber(mix.calls)} calls.</p>}
      <div class="columns">
        {mix.clients.length > 0 && <MixTable title="Client" rows={mix.clients} />}
        {mix.users.length > 0 && (
          <MixTable title="User" rows={mix.users} parametersOf={(user_id) => ({ ...day, user_id })} />
        )}
        {mix.versions.length > 0 && (
          <MixTable title="Version" rows={mix.versions} parametersOf={(version) => ({ ...day, version })} />
        )}
        {mix.tenants.length > 1 && (
          <MixTable title="Tenant" rows={mix.tenants} parametersOf={(tenant_id) => ({ ...day, tenant_id })} />
        )}
      </div>
    </Section>
  );
};
