-- Each tool, or tool $1 if not NULL, since the newest deployment and in the day before it, the highest failure rate first.
select
  tool_name, to_char(deployed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as deployed_at,
  calls, failures, failure_rate_pct,
  calls_before, failures_before, failure_rate_pct_before
from analytics.errors_since_deployment
where $1::text is null or tool_name = $1
order by failure_rate_pct desc nulls last, failures desc, tool_name
