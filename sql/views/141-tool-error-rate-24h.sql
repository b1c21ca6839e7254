-- How often each tool failed in the last 24 hours, and its most common error code and fault.
create materialized view analytics.tool_error_rate_24h as
with causes as (
  select
    name, error_code, fault,
    sum(calls)::bigint as calls,
    sum(calls) filter (where cold_start) as cold_starts,
    sum(retries) as retries,
    sum(cost_usd) as cost_usd,
    max(last_started_at) as last_started_at
  from rollup.cells_24h
  where kind = 'tool'
  group by name, error_code, fault
),
codes as (
  select name, error_code, row_number() over (partition by name order by sum(calls) desc, error_code) as position
  from causes
  where error_code <> ''
  group by name, error_code
),
faults as (
  select name, fault, row_number() over (partition by name order by sum(calls) desc, fault) as position
  from causes
  where fault <> ''
  group by name, fault
),
tools as (
  select
    name,
    sum(calls)::bigint as total_invocations,
    coalesce(sum(calls) filter (where error_code <> ''), 0)::bigint as error_count,
    coalesce(sum(calls) filter (where fault = 'caller'), 0)::bigint as caller_error_count,
    coalesce(sum(calls) filter (where error_code = 'TIMEOUT'), 0)::bigint as timeout_count,
    count(distinct error_code) filter (where error_code <> '') as unique_error_codes,
    coalesce(sum(cold_starts), 0)::bigint as cold_start_count,
    sum(retries)::bigint as retry_count,
    sum(cost_usd) as cost_usd,
    max(last_started_at) as last_invoked_at
  from causes
  group by name
)
select
  name as tool_name,
  total_invocations,
  error_count,
  round(100.0 * error_count / total_invocations, 2) as error_rate_pct,
  codes.error_code as most_common_error,
  unique_error_codes,
  caller_error_count,
  timeout_count,
  faults.fault as most_common_fault,
  cold_start_count,
  retry_count,
  cost_usd,
  last_invoked_at
from tools
left join codes using (name)
left join faults using (name)
where coalesce(codes.position, 1) = 1 and coalesce(faults.position, 1) = 1
order by error_rate_pct desc, tool_name;

create unique index tool_error_rate_24h_by_tool on analytics.tool_error_rate_24h (tool_name);
grant select on analytics.tool_error_rate_24h to toolwatch_operator;
