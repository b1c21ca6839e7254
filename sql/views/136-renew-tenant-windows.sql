-- Merges the 24 hours from window_from for those of these tenants whose window does not begin there: for all of them
-- once an hour, and for one after a late call of it was counted. The caller must hold the roll-up lock.
create function rollup.renew_tenant_windows(tenants text[], window_from timestamptz) returns void
language plpgsql set search_path = '' set jit = off set work_mem = '32MB'
as $$
declare
  window_until timestamptz := window_from + interval '24 hours';
  outdated_tenants text[] := (
    select array_agg(tenant_id)
    from unnest(tenants) as tenant_id
    left join rollup.tenant_window_bounds using (tenant_id)
    where from_hour is distinct from window_from);
begin
  if outdated_tenants is null then
    return;
  end if;
  delete from rollup.tenant_window where tenant_id = any (outdated_tenants);
  insert into rollup.tenant_window
  select
    tenant_id, name, error_code, fault, cold_start, sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
    sum(cost_usd), max(last_started_at), rollup.merge(rollup.concat_agg(histogram), '{}')
  from rollup.tenant_hour
  where tenant_id = any (outdated_tenants) and bucket >= window_from and bucket < window_until and kind = 'tool'
  group by tenant_id, name, error_code, fault, cold_start;

  insert into rollup.tenant_window_bounds
  select tenant_id, window_from, window_until from unnest(outdated_tenants) as tenant_id
  on conflict (tenant_id) do update set from_hour = excluded.from_hour, until_hour = excluded.until_hour;
end
$$;
