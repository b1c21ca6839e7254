-- Each tool's calls in the last quarter of an hour. failures leaves out those that are the caller's fault. From
-- five-minute cells, as of the last refresh, where all calls are shown; for one of several tenants from its calls. Clocks
-- differ by less than the quarter of an hour after now: without an end the planner expects a third of all cells and calls.
create view analytics.recent_calls with (security_barrier) as
select
  name as tool_name,
  sum(calls)::bigint as calls,
  coalesce(sum(calls) filter (where fault not in ('', 'caller')), 0)::bigint as failures
from rollup.tool_5m
where kind = 'tool'
  and bucket >= (select analytics.clock() - interval '15 minutes')
  and bucket < (select analytics.clock() + interval '15 minutes')
  and (select shows_all_calls from rollup.visibility)
group by name
union all
select
  rollup.key_of(name),
  count(*),
  count(*) filter (where not success and coalesce(fault, 'ours') <> 'caller')
from analytics.invocations
where kind = 'tool' and tenant_id = (select analytics.scope())
  and started_at >= (select analytics.clock() - interval '15 minutes')
  and started_at < (select analytics.clock() + interval '15 minutes')
  and (select shows_own_calls from rollup.visibility)
group by 1;

grant select on analytics.recent_calls to toolwatch_reader, toolwatch_operator;
