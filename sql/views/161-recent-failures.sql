-- Failed tool calls. Filter by started_at and sort newest first: the index on failures is made for that.
create view analytics.recent_failures with (security_invoker, security_barrier) as
select
  event_id,
  started_at,
  name as tool_name,
  duration_ms,
  coalesce(error_code, 'INTERNAL_ERROR') as error_code,
  error_type,
  error_message,
  coalesce(fault, 'ours') as fault,
  correlation_id,
  tenant_id
from analytics.invocations
where not success and kind = 'tool';

grant select on analytics.recent_failures to toolwatch_reader, toolwatch_operator;
