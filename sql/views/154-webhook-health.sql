-- Each webhook's state: disabled; inactive after a week without deliveries; critical at ten failures in a row;
-- warning at five, or when more than a tenth of the last 24 hours' deliveries failed.
create view analytics.v_webhook_health with (security_barrier) as
select
  tenant_id,
  webhook_id,
  url,
  case
    when not enabled then 'disabled'
    when last_delivery_at < analytics.clock() - interval '7 days' then 'inactive'
    when consecutive_failures >= 10 then 'critical'
    when consecutive_failures >= 5 or failures_24h > 0.1 * deliveries_24h then 'warning'
    else 'healthy'
  end as health_status,
  consecutive_failures,
  extract(epoch from analytics.clock() - last_success_at)::double precision / 86400 as days_since_last_success,
  round(100.0 * failures_24h / nullif(deliveries_24h, 0), 2) as failure_rate_24h_pct,
  last_success_at,
  last_failure_at,
  last_delivery_at
from analytics.webhook_performance;

grant select on analytics.v_webhook_health to toolwatch_reader, toolwatch_operator;
