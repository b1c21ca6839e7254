-- The thresholds of the tool $1.
select error_rate, p95_ms, min_calls, min_errors, objective from analytics.tool_thresholds where name = $1
