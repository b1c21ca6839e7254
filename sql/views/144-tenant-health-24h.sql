-- The same figures for one of several tenants, as last computed. No rows for others.
create view rollup.tenant_health_24h as
select
  tool_name, total_invocations, error_count, error_rate_pct, caller_error_count, timeout_count, cold_start_count,
  retry_count, cost_usd, unique_error_codes, most_common_error, most_common_fault, last_invoked_at,
  p50_ms, p95_ms, p99_ms, avg_ms, min_ms, max_ms, p95_all_ms
from rollup.tenant_figures
where tenant_id = (select analytics.scope()) and (select shows_own_calls from rollup.visibility);
