import type { Webhook } from '../../../lambdas/contract/monitoring-reports.ts';
import { useAnswer } from '../../data/context.ts';
import { askWebhooks } from '../../data/questions.ts';
import { Nothing, Report, Shown } from '../../parts/report.tsx';
import { Facts } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Badge } from '../../parts/status.tsx';
import { joinKey, Table } from '../../parts/table.tsx';
import { Ago } from '../../parts/time.tsx';
import { Link } from '../../router/link.tsx';
import { formatDuration, formatNumber, formatPercent } from '../../words/format.ts';

const toneOf = (status: Webhook['health_status']): string =>
  status === 'disabled' || status === 'inactive' ? 'quiet' : status;

/** Webhooks with their deliveries, most failures in a row first. */
export const WebhooksView = () => {
  useTitle('Webhooks');
  const report = useAnswer(askWebhooks());
  return (
    <>
      <h1 class="view-title">Webhooks</h1>
      <Report of={report}>
        {({ summary, webhooks }) => (
          <>
            <Facts
              facts={[
                ['Webhooks', formatNumber(summary.total_webhooks)],
                ['Whose last delivery failed', formatNumber(summary.webhooks_with_failures)],
                ['With ten failures in a row', formatNumber(summary.critical_webhooks)],
                ['Delivered', formatPercent(summary.avg_success_rate)],
              ]}
            />
            {webhooks.length === 0 ? (
              <Nothing>No delivery of a webhook is recorded.</Nothing>
            ) : (
              <Table
                title="Webhooks, most failures in a row first"
                rows={webhooks}
                keyOf={({ tenant_id, webhook_id }) => joinKey(tenant_id, webhook_id)}
                columns={[
                  {
                    title: 'Webhook',
                    kind: 'text',
                    cell: ({ webhook_id, url }) => (
                      <Link to="calls" parameters={{ kind: 'webhook', name: webhook_id, minutes: 10_080 }}>
                        {url}
                      </Link>
                    ),
                  },
                  {
                    title: 'State',
                    cell: ({ health_status }) => <Badge tone={toneOf(health_status)}>{health_status}</Badge>,
                  },
                  {
                    title: 'Failures in a row',
                    kind: 'number',
                    cell: ({ consecutive_failures }) => formatNumber(consecutive_failures),
                  },
                  {
                    title: 'Failed in 24 h',
                    kind: 'number',
                    cell: ({ failures_24h, deliveries_24h }) => `${failures_24h} of ${deliveries_24h}`,
                  },
                  { title: 'p95', kind: 'number', cell: ({ p95_duration_ms }) => formatDuration(p95_duration_ms) },
                  { title: 'Last success', cell: ({ last_success_at }) => <Ago at={last_success_at} /> },
                  { title: 'Last delivery', cell: ({ last_delivery_at }) => <Ago at={last_delivery_at} /> },
                  { title: 'Tenant', cell: ({ tenant_id }) => tenant_id },
                ]}
              />
            )}
            <Shown count={webhooks.length} total={summary.total_webhooks} which="those with most failures in a row" />
          </>
        )}
      </Report>
    </>
  );
};
