-- The last three hours of every tool, one row a tool.
select
  tool_name,
  json_agg(json_build_object(
    'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'minutes', minutes, 'calls', calls, 'failures', failures, 'caller_errors', caller_errors, 'p95_all_ms', p95_all_ms
  ) order by at) as points
from analytics.tool_trend_24h
where at >= (select now() - interval '3 hours')
group by tool_name
order by tool_name
