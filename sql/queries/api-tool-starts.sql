-- The calls of tool $1 in the last 24 hours, by whether they started an execution environment.
select cold_start, calls, failures, p50_ms, p95_ms
from analytics.tool_starts_24h
where tool_name = $1
order by tool_starts_24h.cold_start desc
