-- Calls to outside shops and systems: every call that names a domain.
create view analytics.integration_operations with (security_invoker, security_barrier) as
select
  event_id as id,
  name as operation,
  analytics.to_integer(duration_ms) as duration_ms,
  success,
  error_type,
  error_message,
  domain,
  case
    when metadata ->> 'customer_config_id' ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
      then (metadata ->> 'customer_config_id')::uuid
  end as customer_config_id,
  user_agent,
  created_at,
  provider,
  started_at
from analytics.invocations
where domain is not null
  -- Always true, and there for the planner as in tool_invocations.
  and created_at > '-infinity';

grant select on analytics.integration_operations to toolwatch_reader, toolwatch_operator;

-- The calls to one shop system.
create view analytics.woocommerce_usage_metrics with (security_invoker, security_barrier) as
select
  id, operation, duration_ms, success, error_type, error_message, domain, customer_config_id, user_agent, created_at
from analytics.integration_operations
where provider = 'woocommerce';

grant select on analytics.woocommerce_usage_metrics to toolwatch_reader, toolwatch_operator;
