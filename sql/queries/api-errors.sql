-- The calls and failures of all tools in the last 24 hours.
select
  coalesce(sum(total_invocations), 0) as total_invocations,
  coalesce(sum(error_count), 0) as error_count,
  coalesce(sum(caller_error_count), 0) as caller_error_count
from analytics.tool_health_summary
