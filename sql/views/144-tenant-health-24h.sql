-- The same figures for one of several tenants, from its own cells: whole hours, so up to an hour more than 24. Nothing for others.
create view rollup.tenant_health_24h as
with usable_window as (
  select until_hour
  from rollup.tenant_window_bounds
  where tenant_id = (select analytics.scope())
    and from_hour = (select date_bin('1 hour', analytics.clock() - interval '24 hours', timestamptz 'epoch'))
),
cells as materialized (
  select name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries, cost_usd, last_started_at, histogram
  from rollup.tenant_window
  where (select it_is from rollup.scope_is_one_of_many)
    and tenant_id = (select analytics.scope())
    and exists (select from usable_window)
  union all
  select name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries, cost_usd, last_started_at, histogram
  from rollup.tenant_hour
  where (select it_is from rollup.scope_is_one_of_many)
    and tenant_id = (select analytics.scope())
    and bucket >= (select coalesce(
      (select until_hour from usable_window),
      date_bin('1 hour', analytics.clock() - interval '24 hours', timestamptz 'epoch')))
    and kind = 'tool'
),
causes as (
  select name, error_code, fault, sum(calls) as calls
  from cells
  where error_code <> ''
  group by name, error_code, fault
),
codes as (
  select
    name, error_code,
    row_number() over (partition by name order by sum(calls) desc, error_code) as place,
    count(*) over (partition by name) as codes
  from causes
  group by name, error_code
),
faults as (
  select name, fault, row_number() over (partition by name order by sum(calls) desc, fault) as place
  from causes
  group by name, fault
),
tools as (
  select
    name,
    sum(calls)::bigint as total_invocations,
    coalesce(sum(calls) filter (where error_code <> ''), 0)::bigint as error_count,
    coalesce(sum(calls) filter (where fault = 'caller'), 0)::bigint as caller_error_count,
    coalesce(sum(calls) filter (where error_code = 'TIMEOUT'), 0)::bigint as timeout_count,
    coalesce(sum(calls) filter (where cold_start), 0)::bigint as cold_start_count,
    coalesce(sum(calls) filter (where error_code = ''), 0)::bigint as successes,
    sum(retries)::bigint as retry_count,
    sum(cost_usd) as cost_usd,
    max(last_started_at) as last_invoked_at,
    (sum(total_us) filter (where error_code = '') / sum(calls) filter (where error_code = '') / 1000)::double precision as avg_ms,
    min(min_ms) filter (where error_code = '') as min_ms,
    max(max_ms) filter (where error_code = '') as max_ms,
    max(max_ms) as max_all_ms
  from cells
  group by name
),
slots as (
  select
    name, slot,
    sum(calls) filter (where succeeded)::integer as successes,
    sum(calls)::integer as every_call
  from (
    select name, succeeded, (element >> 32)::integer as slot, (element & 4294967295)::integer as calls
    from (select name, error_code = '' as succeeded, unnest(histogram) as element from cells) as elements
  ) as counted
  group by name, slot
),
running as (
  select name, slot, sum(successes) over upto as successes_upto, sum(every_call) over upto as every_call_upto
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
    min(slot) filter (where every_call_upto > floor(0.95::float8 * (total_invocations - 1))) as p95_all_below,
    min(slot) filter (where every_call_upto > ceil(0.95::float8 * (total_invocations - 1))) as p95_all_above
  from running
  join tools using (name)
  group by name
)
select
  tools.name as tool_name,
  total_invocations,
  error_count,
  round(100.0 * error_count / total_invocations, 2) as error_rate_pct,
  caller_error_count,
  timeout_count,
  cold_start_count,
  retry_count,
  cost_usd,
  coalesce(codes.codes, 0) as unique_error_codes,
  codes.error_code as most_common_error,
  faults.fault as most_common_fault,
  last_invoked_at,
  least(greatest(rollup.between(0.50, successes, p50_below, p50_above), min_ms), max_ms) as p50_ms,
  least(greatest(rollup.between(0.95, successes, p95_below, p95_above), min_ms), max_ms) as p95_ms,
  least(greatest(rollup.between(0.99, successes, p99_below, p99_above), min_ms), max_ms) as p99_ms,
  avg_ms,
  min_ms,
  max_ms,
  least(rollup.between(0.95, total_invocations, p95_all_below, p95_all_above), max_all_ms) as p95_all_ms
from tools
join neighbours using (name)
left join codes on codes.name = tools.name and codes.place = 1
left join faults on faults.name = tools.name and faults.place = 1;
