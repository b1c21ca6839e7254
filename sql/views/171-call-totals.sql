-- Counts and seconds since the beginning, by name and outcome: they only grow, as counters must. For whoever may see all calls.
create view analytics.call_totals with (security_barrier) as
select
  kind, name, error_code, fault,
  sum(calls)::bigint as calls,
  (sum(total_us) / 1000000)::double precision as seconds
from (
  select kind, name, error_code, fault, calls, total_us from rollup.tool_hour
  union all
  select kind, name, error_code, fault, calls, total_us from rollup.tool_day
) as cells
where (select analytics.scope()) is not null
  and not (select it_is from rollup.scope_is_one_of_many)
group by kind, name, error_code, fault;

grant select on analytics.call_totals to toolwatch_reader, toolwatch_operator;
