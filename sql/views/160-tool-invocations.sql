-- Tool calls, one row each.
create view analytics.tool_invocations with (security_invoker, security_barrier) as
select
  event_id as id,
  name as tool_name,
  user_id,
  session_id,
  gpt_name,
  started_at,
  finished_at,
  analytics.to_integer(duration_ms) as duration_ms,
  success,
  error_code,
  provider,
  source_gpt,
  coalesce(metadata, '{}') as metadata,
  created_at
from analytics.invocations
where kind = 'tool'
  -- Always true. The planner expects calls_by_arrival to find a tool's calls everywhere, unless it is asked for a time.
  and created_at > '-infinity';

grant select on analytics.tool_invocations to toolwatch_reader, toolwatch_operator;
