-- Each tool in the last seven days and in the seven days before. Covers full hours.
create view analytics.v_week_over_week with (security_barrier) as
with cells as (
  select
    name, error_code, fault, calls, histogram,
    bucket >= (select date_bin('1 hour', analytics.clock() - interval '7 days', timestamptz 'epoch')) as this_week
  from rollup.cells_in_scope
  where kind = 'tool'
    and bucket >= (select date_bin('1 hour', analytics.clock() - interval '14 days', timestamptz 'epoch'))
),
weeks as (
  select
    name, this_week,
    sum(calls)::bigint as calls,
    coalesce(sum(calls) filter (where error_code <> ''), 0)::bigint as failures,
    (select rollup.percentile(0.95, array_agg((slot << 32) + times))
     from (
       select element >> 32 as slot, sum(element & 4294967295)::bigint as times
       from cells as same_tool
       cross join lateral unnest(same_tool.histogram) as element
       where same_tool.name = cells.name and same_tool.this_week = cells.this_week and same_tool.error_code = ''
       group by 1
     ) as slots) as p95_ms
  from cells
  group by name, this_week
)
select
  coalesce(now.name, before.name) as tool_name,
  coalesce(now.calls, 0) as calls,
  coalesce(before.calls, 0) as calls_before,
  round(100.0 * (now.calls - before.calls) / before.calls, 1) as calls_change_pct,
  round(100.0 * now.failures / now.calls, 2) as error_rate_pct,
  round(100.0 * before.failures / before.calls, 2) as error_rate_pct_before,
  now.p95_ms,
  before.p95_ms as p95_ms_before
from (select * from weeks where this_week) as now
full join (select * from weeks where not this_week) as before using (name);

grant select on analytics.v_week_over_week to toolwatch_reader, toolwatch_operator;
