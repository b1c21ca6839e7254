-- Each tool's calls of the last 24 full hours and the one at hand, by whether they started an execution environment.
-- failures leaves out those that are the caller's fault; percentiles cover successes. Filter by tool.
create view analytics.tool_starts_24h with (security_barrier) as
select
  name as tool_name,
  cold_start,
  sum(calls)::bigint as calls,
  coalesce(sum(calls) filter (where fault not in ('', 'caller')), 0)::bigint as failures,
  rollup.percentile(0.50, rollup.concat_agg(histogram) filter (where error_code = '')) as p50_ms,
  rollup.percentile(0.95, rollup.concat_agg(histogram) filter (where error_code = '')) as p95_ms
from rollup.cells_in_scope
where kind = 'tool'
  and bucket >= (select date_bin('1 hour', analytics.clock() - interval '24 hours', timestamptz 'epoch'))
group by name, cold_start;

grant select on analytics.tool_starts_24h to toolwatch_reader, toolwatch_operator;
