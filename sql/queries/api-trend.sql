-- The last 24 hours of tool $1, in steps.
select to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at,
  minutes, calls, failures, caller_errors, p95_ms
from analytics.tool_trend_24h
where tool_name = $1
order by tool_trend_24h.at
