-- The health of every tool, or of tool $1, with its calls and failures of the last quarter of an hour.
select
  tool_name, verdict, health_reason, health_status, total_invocations, error_count, error_rate_pct, caller_error_count,
  timeout_count, most_common_error, most_common_fault, p50_ms, p95_ms, p95_all_ms,
  to_char(last_invoked_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_invoked_at,
  coalesce(recent_calls.calls, 0) as recent_calls,
  coalesce(recent_calls.failures, 0) as recent_failures
from analytics.tool_health_summary
left join analytics.recent_calls using (tool_name)
where $1::text is null or tool_name = $1
order by
  array_position(array['critical', 'warning', 'insufficient_data', 'healthy'], verdict), error_count desc, tool_name
