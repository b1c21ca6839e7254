-- Calls and seconds since the store was created, by name and outcome. They only grow, as Prometheus counters must.
-- No rows for one of several tenants.
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
where (select shows_all_calls from rollup.visibility)
group by kind, name, error_code, fault;

grant select on analytics.call_totals to toolwatch_reader, toolwatch_operator;
