-- How long each tool took in the last 24 hours. Columns without a qualifier cover successes only; _all_ covers every
-- call, so that timeouts are included; _cold_ and _warm_ cover calls with and without a cold start. Percentiles are
-- within 1 % of percentile_cont.
create materialized view analytics.tool_latency_p50_p95_24h as
with totals as (
  select
    name,
    sum(calls) filter (where error_code = '')::bigint as successes,
    sum(calls)::bigint as every_call,
    sum(calls) filter (where not cold_start)::bigint as warm,
    sum(calls) filter (where cold_start)::bigint as cold,
    (
      sum(total_us) filter (where error_code = '') / sum(calls) filter (where error_code = '') / 1000
    )::double precision as avg_ms,
    min(min_ms) filter (where error_code = '') as min_ms,
    max(max_ms) filter (where error_code = '') as max_ms,
    max(max_ms) as max_all_ms
  from rollup.cells_24h
  where kind = 'tool'
  group by name
),
slots as (
  select
    name, slot,
    sum(calls) filter (where succeeded)::integer as successes,
    sum(calls)::integer as every_call,
    sum(calls) filter (where not cold_start)::integer as warm,
    sum(calls) filter (where cold_start)::integer as cold
  from (
    select name, succeeded, cold_start, (element >> 32)::integer as slot, (element & 4294967295)::integer as calls
    from (
      select name, error_code = '' as succeeded, cold_start, unnest(histogram) as element
      from rollup.cells_24h
      where kind = 'tool'
    ) as elements
  ) as counted
  group by name, slot
),
running as (
  select
    name, slot,
    sum(successes) over upto as successes_upto,
    sum(every_call) over upto as every_call_upto,
    sum(warm) over upto as warm_upto,
    sum(cold) over upto as cold_upto
  from slots
  window upto as (partition by name order by slot)
),
neighbours as (
  select
    name,
    min(slot) filter (where successes_upto > floor(0.50::float8 * (successes - 1))) as p50_below,
    min(slot) filter (where successes_upto > ceil(0.50::float8 * (successes - 1))) as p50_above,
    min(slot) filter (where successes_upto > floor(0.95::float8 * (successes - 1))) as p95_below,
    min(slot) filter (where successes_upto > ceil(0.95::float8 * (successes - 1))) as p95_above,
    min(slot) filter (where successes_upto > floor(0.99::float8 * (successes - 1))) as p99_below,
    min(slot) filter (where successes_upto > ceil(0.99::float8 * (successes - 1))) as p99_above,
    min(slot) filter (where every_call_upto > floor(0.95::float8 * (every_call - 1))) as p95_all_below,
    min(slot) filter (where every_call_upto > ceil(0.95::float8 * (every_call - 1))) as p95_all_above,
    min(slot) filter (where every_call_upto > floor(0.99::float8 * (every_call - 1))) as p99_all_below,
    min(slot) filter (where every_call_upto > ceil(0.99::float8 * (every_call - 1))) as p99_all_above,
    min(slot) filter (where warm_upto > floor(0.95::float8 * (warm - 1))) as p95_warm_below,
    min(slot) filter (where warm_upto > ceil(0.95::float8 * (warm - 1))) as p95_warm_above,
    min(slot) filter (where cold_upto > floor(0.95::float8 * (cold - 1))) as p95_cold_below,
    min(slot) filter (where cold_upto > ceil(0.95::float8 * (cold - 1))) as p95_cold_above
  from running
  join totals using (name)
  group by name
)
select
  name as tool_name,
  least(greatest(rollup.interpolate(0.50, successes, p50_below, p50_above), min_ms), max_ms) as p50_ms,
  least(greatest(rollup.interpolate(0.95, successes, p95_below, p95_above), min_ms), max_ms) as p95_ms,
  avg_ms,
  min_ms,
  max_ms,
  least(greatest(rollup.interpolate(0.99, successes, p99_below, p99_above), min_ms), max_ms) as p99_ms,
  least(rollup.interpolate(0.95, every_call, p95_all_below, p95_all_above), max_all_ms) as p95_all_ms,
  least(rollup.interpolate(0.99, every_call, p99_all_below, p99_all_above), max_all_ms) as p99_all_ms,
  rollup.interpolate(0.95, warm, p95_warm_below, p95_warm_above) as p95_warm_ms,
  rollup.interpolate(0.95, cold, p95_cold_below, p95_cold_above) as p95_cold_ms
from totals
join neighbours using (name)
order by p95_ms desc nulls last, tool_name;

create unique index tool_latency_24h_by_tool on analytics.tool_latency_p50_p95_24h (tool_name);
grant select on analytics.tool_latency_p50_p95_24h to toolwatch_operator;
