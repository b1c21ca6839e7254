-- Computes the figures that tenants are shown of their tools: for tenants with newly counted calls, and for all once an
-- hour; at most max_tenants at a time. Returns for how many; 0 when all are current. Raises lock_not_available when
-- roll-up is running for too long. Covers full hours, so up to 25 of them.
create function rollup.renew_tenant_figures(max_tenants integer) returns integer
language plpgsql security definer set search_path = ''
  -- The planner cannot know how many tools there are and assumes few: it would choose nested loops, which take minutes.
  set enable_nestloop = off set jit = off set work_mem = '32MB'
as $$
declare
  window_from timestamptz := date_bin('1 hour', analytics.clock() - interval '24 hours', timestamptz 'epoch');
  window_until timestamptz := window_from + interval '24 hours';
  outdated_tenants text[];
begin
  -- Roll-up must not add to these cells while they are counted.
  perform rollup.lock_roll_ups('5 seconds');
  with inactive as (
    update rollup.tenants set figures_from_hour = null
    where last_called_at < window_from and figures_from_hour is not null
    returning tenant_id
  )
  delete from rollup.tenant_figures using inactive where tenant_figures.tenant_id = inactive.tenant_id;

  select array_agg(tenant_id) into outdated_tenants
  from (
    select tenant_id from rollup.tenants
    where last_called_at >= window_from and figures_from_hour is distinct from window_from
    limit max_tenants
  ) as outdated;
  if outdated_tenants is null then
    return 0;
  end if;
  perform rollup.renew_tenant_windows(outdated_tenants, window_from);

  delete from rollup.tenant_figures where tenant_id = any (outdated_tenants);
  -- Numbers instead of names, because texts sort slowly: tool is a tenant's tool, and tool_slot is that number with
  -- the slot (the first is -1) in its lower bits. Sixteen bits for the slot, not 32: PostgreSQL hashes a bigint by
  -- xor of its two halves, and these would collide.
  with cells as materialized (
    select *, dense_rank() over (order by tenant_id, name) as tool
    from (
      select *
      from rollup.tenant_window
      where tenant_id = any (outdated_tenants)
      union all
      select
        tenant_id, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries, cost_usd,
        last_started_at, histogram
      from rollup.tenant_hour
      where tenant_id = any (outdated_tenants) and bucket >= window_until and kind = 'tool'
    ) as last_day
  ),
  causes as (
    select tool, error_code, fault, sum(calls) as calls
    from cells
    where error_code <> ''
    group by tool, error_code, fault
  ),
  codes as (
    select
      tool, error_code,
      row_number() over (partition by tool order by sum(calls) desc, error_code) as position,
      count(*) over (partition by tool) as codes
    from causes
    group by tool, error_code
  ),
  faults as (
    select tool, fault, row_number() over (partition by tool order by sum(calls) desc, fault) as position
    from causes
    group by tool, fault
  ),
  tools as (
    select
      tool, min(tenant_id) as tenant_id, min(name) as name,
      sum(calls)::bigint as total_invocations,
      coalesce(sum(calls) filter (where error_code <> ''), 0)::bigint as error_count,
      coalesce(sum(calls) filter (where fault = 'caller'), 0)::bigint as caller_error_count,
      coalesce(sum(calls) filter (where error_code = 'TIMEOUT'), 0)::bigint as timeout_count,
      coalesce(sum(calls) filter (where cold_start), 0)::bigint as cold_start_count,
      coalesce(sum(calls) filter (where error_code = ''), 0)::bigint as successes,
      sum(retries)::bigint as retry_count,
      sum(cost_usd) as cost_usd,
      max(last_started_at) as last_invoked_at,
      (
        sum(total_us) filter (where error_code = '') / sum(calls) filter (where error_code = '') / 1000
      )::double precision as avg_ms,
      min(min_ms) filter (where error_code = '') as min_ms,
      max(max_ms) filter (where error_code = '') as max_ms,
      max(max_ms) as max_all_ms
    from cells
    group by tool
  ),
  slots as (
    select
      tool_slot,
      sum(calls) filter (where succeeded)::integer as successes,
      sum(calls)::integer as every_call
    from (
      select succeeded, (tool << 16) + (element >> 32) + 1 as tool_slot, (element & 4294967295)::integer as calls
      from (select tool, error_code = '' as succeeded, unnest(histogram) as element from cells) as elements
    ) as counted
    group by tool_slot
  ),
  running as (
    select
      tool_slot >> 16 as tool, (tool_slot & 65535)::integer - 1 as slot,
      sum(successes) over upto as successes_upto,
      sum(every_call) over upto as every_call_upto
    from slots
    window upto as (partition by tool_slot >> 16 order by tool_slot)
  ),
  neighbours as (
    select
      tool,
      min(slot) filter (where successes_upto > floor(0.50::float8 * (successes - 1))) as p50_below,
      min(slot) filter (where successes_upto > ceil(0.50::float8 * (successes - 1))) as p50_above,
      min(slot) filter (where successes_upto > floor(0.95::float8 * (successes - 1))) as p95_below,
      min(slot) filter (where successes_upto > ceil(0.95::float8 * (successes - 1))) as p95_above,
      min(slot) filter (where successes_upto > floor(0.99::float8 * (successes - 1))) as p99_below,
      min(slot) filter (where successes_upto > ceil(0.99::float8 * (successes - 1))) as p99_above,
      min(slot) filter (where every_call_upto > floor(0.95::float8 * (total_invocations - 1))) as p95_all_below,
      min(slot) filter (where every_call_upto > ceil(0.95::float8 * (total_invocations - 1))) as p95_all_above
    from running
    join tools using (tool)
    group by tool
  )
  insert into rollup.tenant_figures
  select
    tenant_id,
    name,
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
    least(greatest(rollup.interpolate(0.50, successes, p50_below, p50_above), min_ms), max_ms) as p50_ms,
    least(greatest(rollup.interpolate(0.95, successes, p95_below, p95_above), min_ms), max_ms) as p95_ms,
    least(greatest(rollup.interpolate(0.99, successes, p99_below, p99_above), min_ms), max_ms) as p99_ms,
    avg_ms,
    min_ms,
    max_ms,
    least(rollup.interpolate(0.95, total_invocations, p95_all_below, p95_all_above), max_all_ms) as p95_all_ms
  from tools
  join neighbours using (tool)
  left join (select * from codes where position = 1) as codes using (tool)
  left join (select * from faults where position = 1) as faults using (tool);

  update rollup.tenants set figures_from_hour = window_from where tenant_id = any (outdated_tenants);
  return cardinality(outdated_tenants);
end
$$;

grant execute on function rollup.renew_tenant_figures(integer) to toolwatch_refresher;
