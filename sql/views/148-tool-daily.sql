-- Each tool by the day, as far back as roll-ups are retained: calls, failures, time and cost.
create view analytics.tool_daily with (security_barrier) as
select
  day,
  tool_name,
  sum(calls)::bigint as total_invocations,
  coalesce(sum(calls) filter (where error_code <> ''), 0)::bigint as error_count,
  coalesce(sum(calls) filter (where fault = 'caller'), 0)::bigint as caller_error_count,
  (sum(total_us) / sum(calls) / 1000)::double precision as avg_ms,
  max(max_ms) as max_ms,
  sum(retries)::bigint as retry_count,
  sum(cost_usd) as cost_usd,
  max(last_started_at) as last_invoked_at
from (
  select
    date_bin('1 day', bucket, timestamptz 'epoch') as day, name as tool_name, error_code, fault, calls, total_us,
    max_ms, retries, cost_usd, last_started_at
  from rollup.cells_in_scope
  where kind = 'tool'
  union all
  select bucket, name, error_code, fault, calls, total_us, max_ms, retries, cost_usd, last_started_at
  from rollup.tool_day
  where kind = 'tool' and (select shows_all_calls from rollup.visibility)
  union all
  select bucket, name, error_code, fault, calls, total_us, max_ms, retries, cost_usd, last_started_at
  from rollup.tenant_day
  where kind = 'tool' and tenant_id = (select analytics.scope()) and (select shows_own_calls from rollup.visibility)
) as cells
group by day, tool_name;

grant select on analytics.tool_daily to toolwatch_reader, toolwatch_operator;
