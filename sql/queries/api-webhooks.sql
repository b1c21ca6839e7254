-- Each webhook, or webhook $1 if not NULL, those with the most failures in a row first; at most $2.
select
  performance.tenant_id, performance.webhook_id, performance.url, enabled, health_status,
  total_deliveries, successful_deliveries, failed_deliveries, success_rate_pct as success_rate,
  avg_duration_ms, p95_duration_ms, max_duration_ms,
  deliveries_24h, failures_24h, deliveries_7d, failures_7d, performance.consecutive_failures,
  days_since_last_success, failure_rate_24h_pct,
  to_char(performance.last_success_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_success_at,
  to_char(performance.last_failure_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_failure_at,
  to_char(performance.last_delivery_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_delivery_at
from analytics.webhook_performance as performance
join analytics.v_webhook_health as health using (tenant_id, webhook_id)
where $1::text is null or webhook_id = $1
order by performance.consecutive_failures desc, failed_deliveries desc, webhook_id, tenant_id
limit $2
