-- The calls of [$1, $2) by tool or called service, and by provider, with the tool's thresholds. Reads the calls themselves:
-- what is wrong now must not wait for a refresh.
select
  kind, name, provider, calls, failures, dependency_failures, slow_calls, error_rate, min_calls, min_errors,
  to_char(first_failure_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as first_failure_at
from (
  select
    kind, invocations.name, provider, error_rate, min_calls, min_errors,
    count(*) as calls,
    count(*) filter (where success and duration_ms > p95_ms) as slow_calls,
    count(*) filter (where not success and coalesce(fault, 'ours') <> 'caller') as failures,
    count(*) filter (where not success and fault = 'dependency') as dependency_failures,
    min(started_at) filter (where not success and coalesce(fault, 'ours') <> 'caller') as first_failure_at
  from analytics.invocations
  left join analytics.tool_thresholds on kind = 'tool' and tool_thresholds.name = invocations.name
  where started_at >= $1::timestamptz and started_at < $2::timestamptz and kind in ('tool', 'dependency')
  group by kind, invocations.name, provider, error_rate, min_calls, min_errors
) as recent
order by kind, name, provider
