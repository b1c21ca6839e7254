-- Each tool's last 24 hours, in steps of so many minutes: five where all calls are shown, sixty for one of several
-- tenants, whose calls are counted by the hour. p95_ms covers every call.
create view analytics.tool_trend_24h with (security_barrier) as
with cells as (
  select name, bucket, 5 as minutes, fault, calls, histogram
  from rollup.tool_5m
  where kind = 'tool'
    and bucket >= (select analytics.clock() - interval '24 hours')
    and (select shows_all_calls from rollup.visibility)
  union all
  select name, bucket, 60, fault, calls, histogram
  from rollup.tenant_hour
  where kind = 'tool' and tenant_id = (select analytics.scope())
    and bucket >= (select analytics.clock() - interval '24 hours')
    and (select shows_own_calls from rollup.visibility)
),
totals as (
  select
    name, bucket, minutes,
    sum(calls)::bigint as calls,
    coalesce(sum(calls) filter (where fault not in ('', 'caller')), 0)::bigint as failures,
    coalesce(sum(calls) filter (where fault = 'caller'), 0)::bigint as caller_errors
  from cells
  group by name, bucket, minutes
),
running as (
  select
    name, bucket, (element >> 32)::integer as slot,
    sum(element & 4294967295) over (partition by name, bucket order by element >> 32) as upto
  from (select name, bucket, unnest(histogram) as element from cells) as elements
)
select
  totals.name as tool_name,
  totals.bucket as at,
  minutes,
  calls,
  failures,
  caller_errors,
  rollup.interpolate(
    0.95, calls,
    min(slot) filter (where upto > floor(0.95 * (calls - 1))),
    min(slot) filter (where upto > ceil(0.95 * (calls - 1)))
  ) as p95_ms
from totals
join running using (name, bucket)
group by totals.name, totals.bucket, minutes, calls, failures, caller_errors;

grant select on analytics.tool_trend_24h to toolwatch_reader, toolwatch_operator;
