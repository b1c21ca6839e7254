-- The last 24 hours of tool $1, in steps of five minutes.
select at, calls, failures, caller_errors, p95_ms
from analytics.tool_trend_24h
where tool_name = $1
order by at
