-- Deliveries to webhooks, one row each. A delivery is a call of kind webhook; its name is the webhook's id.
create view analytics.webhook_deliveries with (security_invoker, security_barrier) as
select
  event_id as id,
  name as webhook_id,
  tenant_id as org_id,
  case when success then 'sent' else 'failed' end as status,
  started_at as sent_at,
  round(duration_ms)::integer as duration_ms,
  error_message
from analytics.invocations
where kind = 'webhook';

grant select on analytics.webhook_deliveries to toolwatch_reader, toolwatch_operator;
