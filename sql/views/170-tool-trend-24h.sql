-- Each tool's last 24 hours, in steps of so many minutes: five where all calls are shown, sixty for one of several
-- tenants, whose calls are counted by the hour. Percentiles cover successes; p95_all_ms covers every call.
create view analytics.tool_trend_24h with (security_barrier) as
with cells as (
  select name, bucket, 5 as minutes, error_code, fault, cold_start, calls, histogram
  from rollup.tool_5m
  where kind = 'tool'
    and bucket >= (select analytics.clock() - interval '24 hours')
    and (select shows_all_calls from rollup.visibility)
  union all
  select name, bucket, 60, error_code, fault, cold_start, calls, histogram
  from rollup.tenant_hour
  where kind = 'tool' and tenant_id = (select analytics.scope())
    and bucket >= (select analytics.clock() - interval '24 hours')
    and (select shows_own_calls from rollup.visibility)
),
totals as (
  select
    name, bucket, minutes,
    sum(calls)::bigint as calls,
    coalesce(sum(calls) filter (where error_code = ''), 0)::bigint as succeeded,
    coalesce(sum(calls) filter (where fault not in ('', 'caller')), 0)::bigint as failures,
    coalesce(sum(calls) filter (where fault = 'caller'), 0)::bigint as caller_errors,
    coalesce(sum(calls) filter (where cold_start), 0)::bigint as cold_starts
  from cells
  group by name, bucket, minutes
),
running as (
  select
    name, bucket, slot,
    sum(times) over upto as calls_upto,
    sum(case when error_code = '' then times else 0 end) over upto as succeeded_upto
  from (
    select name, bucket, error_code, (element >> 32)::integer as slot, element & 4294967295 as times
    from (select name, bucket, error_code, unnest(histogram) as element from cells) as elements
  ) as slots
  window upto as (partition by name, bucket order by slot)
)
select
  totals.name as tool_name,
  totals.bucket as at,
  minutes,
  calls,
  failures,
  caller_errors,
  cold_starts,
  rollup.interpolate(
    0.50, succeeded,
    min(slot) filter (where succeeded_upto > floor(0.50 * (succeeded - 1))),
    min(slot) filter (where succeeded_upto > ceil(0.50 * (succeeded - 1)))
  ) as p50_ms,
  rollup.interpolate(
    0.95, succeeded,
    min(slot) filter (where succeeded_upto > floor(0.95 * (succeeded - 1))),
    min(slot) filter (where succeeded_upto > ceil(0.95 * (succeeded - 1)))
  ) as p95_ms,
  rollup.interpolate(
    0.99, succeeded,
    min(slot) filter (where succeeded_upto > floor(0.99 * (succeeded - 1))),
    min(slot) filter (where succeeded_upto > ceil(0.99 * (succeeded - 1)))
  ) as p99_ms,
  rollup.interpolate(
    0.95, calls,
    min(slot) filter (where calls_upto > floor(0.95 * (calls - 1))),
    min(slot) filter (where calls_upto > ceil(0.95 * (calls - 1)))
  ) as p95_all_ms
from totals
join running using (name, bucket)
group by totals.name, totals.bucket, minutes, calls, succeeded, failures, caller_errors, cold_starts;

grant select on analytics.tool_trend_24h to toolwatch_reader, toolwatch_operator;
