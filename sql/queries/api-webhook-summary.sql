-- All webhooks together. The success rate is that of all deliveries, NULL without any.
select
  count(*) as total_webhooks,
  count(*) filter (where enabled) as enabled_webhooks,
  coalesce(sum(total_deliveries), 0) as total_deliveries,
  coalesce(sum(successful_deliveries), 0) as successful_deliveries,
  coalesce(sum(failed_deliveries), 0) as failed_deliveries,
  round(100.0 * sum(successful_deliveries) / nullif(sum(total_deliveries), 0), 1) as avg_success_rate,
  count(*) filter (where performance.consecutive_failures > 0) as webhooks_with_failures,
  count(*) filter (where health_status = 'critical') as critical_webhooks
from analytics.webhook_performance as performance
join analytics.v_webhook_health using (tenant_id, webhook_id)
