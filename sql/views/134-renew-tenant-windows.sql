-- Works out the windows of some tenants whose window is not the present one: all of them once an hour, one whenever a late
-- call of it was counted. Answers how many; 0 when all are current, or roll-up is at work. Without a window the same is read from hours, slower.
create function rollup.renew_tenant_windows(most_tenants integer) returns integer
language plpgsql security definer set search_path = '' set jit = off set work_mem = '32MB'
as $$
declare
  window_from timestamptz := date_bin('1 hour', analytics.clock() - interval '24 hours', timestamptz 'epoch');
  window_until timestamptz := window_from + interval '24 hours';
  chosen text[];
begin
  -- While this counts, roll-up must not add to what it counts.
  if not pg_try_advisory_xact_lock(hashtext('rollup.roll_up')) then
    return 0;
  end if;
  select array_agg(tenant_id) into chosen
  from (
    select tenants.tenant_id
    from rollup.tenants
    left join rollup.tenant_window_bounds using (tenant_id)
    where last_called_at >= window_from and from_hour is distinct from window_from
    limit most_tenants
  ) as outdated;
  if chosen is null then
    return 0;
  end if;

  delete from rollup.tenant_window where tenant_id = any (chosen);
  with cells as materialized (
    select * from rollup.tenant_hour
    where tenant_id = any (chosen) and bucket >= window_from and bucket < window_until and kind = 'tool'
  ),
  slots as (
    select tenant_id, name, error_code, fault, cold_start, element >> 32 as slot, sum((element & 4294967295)::integer) as times
    from cells
    cross join lateral unnest(histogram) as element
    group by 1, 2, 3, 4, 5, 6
  ),
  histograms as (
    select tenant_id, name, error_code, fault, cold_start, array_agg((slot << 32) + times order by slot) as histogram
    from slots
    group by 1, 2, 3, 4, 5
  )
  insert into rollup.tenant_window
  select
    tenant_id, name, error_code, fault, cold_start, sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
    sum(cost_usd), max(last_started_at), histograms.histogram
  from cells
  join histograms using (tenant_id, name, error_code, fault, cold_start)
  group by 1, 2, 3, 4, 5, histograms.histogram;

  insert into rollup.tenant_window_bounds as known
  select tenant_id, window_from, window_until from unnest(chosen) as tenant_id
  on conflict (tenant_id) do update set from_hour = excluded.from_hour, until_hour = excluded.until_hour;
  return cardinality(chosen);
end
$$;

grant execute on function rollup.renew_tenant_windows(integer) to toolwatch_refresher;
