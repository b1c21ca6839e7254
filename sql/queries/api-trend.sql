-- The last $2 hours of tool $1, in steps: of five minutes within a day, else of an hour.
select
  to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
  minutes, calls, failures, caller_errors, cold_starts, p50_ms, p95_ms, p99_ms, p95_all_ms
from (
  select at, minutes, calls, failures, caller_errors, cold_starts, p50_ms, p95_ms, p99_ms, p95_all_ms
  from analytics.tool_trend_24h
  where tool_name = $1 and at >= (select now() - make_interval(hours => $2)) and $2::integer <= 24
  union all
  select
    hour, 60, total_invocations, error_count - caller_error_count, caller_error_count, cold_start_count,
    p50_ms, p95_ms, p99_ms, p95_all_ms
  from analytics.tool_hourly
  where tool_name = $1 and hour >= (select now() - make_interval(hours => $2)) and $2::integer > 24
) as steps
order by steps.at
