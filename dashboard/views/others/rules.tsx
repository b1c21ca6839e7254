import { useAnswer } from '../../data/context.ts';
import { askRules } from '../../data/questions.ts';
import { Nothing, Report, Shown } from '../../parts/report.tsx';
import { Facts } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { joinKey, Table } from '../../parts/table.tsx';
import { Ago } from '../../parts/time.tsx';
import { Link } from '../../router/link.tsx';
import { formatDuration, formatNumber, formatPercent } from '../../words/format.ts';

/** Rules of a product with their runs, most runs first. */
export const RulesView = () => {
  useTitle('Rules');
  const report = useAnswer(askRules());
  return (
    <>
      <h1 class="view-title">Rules</h1>
      <Report of={report}>
        {({ summary, rules }) => (
          <>
            <Facts
              facts={[
                ['Rules', formatNumber(summary.total_rules)],
                ['Switched on', formatNumber(summary.enabled_rules)],
                ['Runs in 24 hours', formatNumber(summary.triggers_24h)],
                ['Runs in 7 days', formatNumber(summary.triggers_7d)],
              ]}
            />
            {rules.length === 0 ? (
              <Nothing>No run of a rule is recorded.</Nothing>
            ) : (
              <Table
                title="Rules, most runs first"
                rows={rules}
                keyOf={({ tenant_id, rule_id }) => joinKey(tenant_id, rule_id)}
                columns={[
                  {
                    title: 'Rule',
                    kind: 'text',
                    cell: ({ rule_id, rule_name }) => (
                      <Link to="calls" parameters={{ kind: 'rule', name: rule_id, minutes: 10_080 }}>
                        {rule_name}
                      </Link>
                    ),
                  },
                  { title: 'Type', cell: ({ rule_type }) => rule_type ?? '–' },
                  { title: 'Switched', cell: ({ enabled }) => (enabled ? 'on' : 'off') },
                  {
                    title: 'Failed in 24 h',
                    kind: 'number',
                    cell: ({ failures_24h, executions_24h }) => `${failures_24h} of ${executions_24h}`,
                  },
                  { title: 'Succeeded', kind: 'number', cell: ({ success_rate }) => formatPercent(success_rate) },
                  { title: 'Takes', kind: 'number', cell: ({ avg_duration_ms }) => formatDuration(avg_duration_ms) },
                  {
                    title: 'Contacts',
                    kind: 'number',
                    cell: ({ affected_contacts }) => formatNumber(affected_contacts),
                  },
                  { title: 'Last run', cell: ({ last_triggered_at }) => <Ago at={last_triggered_at} /> },
                  { title: 'Tenant', cell: ({ tenant_id }) => tenant_id },
                ]}
              />
            )}
            <Shown count={rules.length} total={summary.total_rules} which="those with most runs" />
          </>
        )}
      </Report>
    </>
  );
};
