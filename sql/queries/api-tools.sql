-- The health of every tool, or of tool $1.
select
  tool_name, verdict, health_reason, health_status, total_invocations, error_count, error_rate_pct, caller_error_count,
  timeout_count, most_common_error, most_common_fault, p50_ms, p95_ms, p95_all_ms, last_invoked_at
from analytics.tool_health_summary
where $1::text is null or tool_name = $1
order by array_position(array['critical', 'warning', 'insufficient_data', 'healthy'], verdict), error_count desc, tool_name
