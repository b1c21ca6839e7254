-- Each tool's figures over all calls, for the operator and for a tenant that is the only one.
create view rollup.operator_health_24h as
select
  tool_name, total_invocations, error_count, error_rate_pct, caller_error_count, timeout_count, cold_start_count,
  retry_count, cost_usd, unique_error_codes, most_common_error, most_common_fault, last_invoked_at,
  p50_ms, p95_ms, p99_ms, avg_ms, min_ms, max_ms, p95_all_ms
from analytics.tool_error_rate_24h
join analytics.tool_latency_p50_p95_24h using (tool_name);
