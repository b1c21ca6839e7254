-- Counts and sums since the store was created, for Prometheus: they never become less. family and labels are those of
-- rollup.total_cells; counts has one element for each of rollup.duration_bounds() and one more, else a single one. A
-- measure that once was negative may fall. No rows for one of several tenants.
create view analytics.metric_totals with (security_barrier) as
select
  family,
  labels,
  case when least_counts = '{}' then counts else rollup.larger_counts(counts, least_counts) end as counts,
  case when falls then total else greatest(total, least_total) end as total,
  falls,
  exemplar_trace_id,
  exemplar_ms,
  exemplar_at
from rollup.totals
cross join lateral (select coalesce(lowest < 0, false) as falls) as direction
where (select shows_all_calls from rollup.visibility)
union all
select 'refused', array['gauge'], array[gauges_refused], 0, false, null, null, null
from rollup.progress
where (select shows_all_calls from rollup.visibility);

-- The same of calls, by name and outcome.
create view analytics.call_totals with (security_barrier) as
select
  labels[1] as kind, labels[2] as name, labels[3] as error_code, labels[4] as fault,
  (select sum(count) from unnest(counts) as count)::bigint as calls,
  (total / 1000000)::double precision as seconds
from analytics.metric_totals
where family = 'calls';

grant select on analytics.metric_totals, analytics.call_totals to toolwatch_reader, toolwatch_operator;
