-- More of the last 24 hours of tool $1.
select
  p99_ms, avg_ms, min_ms, max_ms, retry_count::integer, cost_usd::double precision, failure_rate_low_pct,
  failure_rate_high_pct, confidence
from analytics.tool_health_summary
where tool_name = $1
