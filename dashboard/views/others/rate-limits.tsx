import { useAnswer } from '../../data/context.ts';
import { askRateLimits } from '../../data/questions.ts';
import { Nothing, Report, Shown } from '../../parts/report.tsx';
import { Facts } from '../../parts/section.tsx';
import { useTitle } from '../../parts/shell.tsx';
import { Badge } from '../../parts/status.tsx';
import { joinKey, Table } from '../../parts/table.tsx';
import { Ago } from '../../parts/time.tsx';
import { formatDuration, formatNumber, formatPercent } from '../../words/format.ts';

const TONES = { normal: 'healthy', warning: 'warning', throttled: 'critical' } as const;

/** How much of each rate limit is used, the most used first. */
export const RateLimitsView = () => {
  useTitle('Rate limits');
  const report = useAnswer(askRateLimits());
  return (
    <>
      <h1 class="view-title">Rate limits</h1>
      <Report of={report}>
        {({ summary, rate_limits }) => (
          <>
            <Facts
              facts={[
                ['Limits', formatNumber(summary.total)],
                ['Above 90 %', formatNumber(summary.warning)],
                ['Used up', formatNumber(summary.throttled)],
              ]}
            />
            {rate_limits.length === 0 ? (
              <Nothing>No call has reported how much of a rate limit it used.</Nothing>
            ) : (
              <Table
                title="Rate limits, the most used first"
                rows={rate_limits}
                keyOf={({ tenant_id, key_type, identifier }) => joinKey(tenant_id, key_type, identifier)}
                columns={[
                  { title: 'Whose', kind: 'text', cell: ({ key_type, identifier }) => `${key_type} ${identifier}` },
                  { title: 'State', cell: ({ status }) => <Badge tone={TONES[status]}>{status}</Badge> },
                  { title: 'Used', kind: 'number', cell: ({ utilization_pct }) => formatPercent(utilization_pct) },
                  {
                    title: 'Requests',
                    kind: 'number',
                    cell: ({ request_count, limit_max }) =>
                      `${formatNumber(request_count)} of ${formatNumber(limit_max)}`,
                  },
                  {
                    title: 'Begins anew in',
                    kind: 'number',
                    cell: ({ seconds_until_reset }) =>
                      seconds_until_reset === null ? '–' : formatDuration(seconds_until_reset * 1_000),
                  },
                  { title: 'Reported', cell: ({ seen_at }) => <Ago at={seen_at} /> },
                  { title: 'Tenant', cell: ({ tenant_id }) => tenant_id },
                ]}
              />
            )}
            <Shown count={rate_limits.length} total={summary.total} which="the most used" />
          </>
        )}
      </Report>
    </>
  );
};
