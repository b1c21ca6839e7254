-- Merges the 24 hours from window_from of those of these tenants that have no such window yet: of all once an hour, of one
-- when a late call of it was counted. Whoever calls it keeps roll-up away.
create function rollup.renew_tenant_windows(tenants text[], window_from timestamptz) returns void
language plpgsql set search_path = '' set jit = off set work_mem = '32MB'
as $$
declare
  window_until timestamptz := window_from + interval '24 hours';
  chosen text[] := (
    select array_agg(tenant_id)
    from unnest(tenants) as tenant_id
    left join rollup.tenant_window_bounds using (tenant_id)
    where from_hour is distinct from window_from);
begin
  if chosen is null then
    return;
  end if;
  delete from rollup.tenant_window where tenant_id = any (chosen);
  insert into rollup.tenant_window
  select
    tenant_id, name, error_code, fault, cold_start, sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
    sum(cost_usd), max(last_started_at), rollup.merge(rollup.gathered(histogram), '{}')
  from rollup.tenant_hour
  where tenant_id = any (chosen) and bucket >= window_from and bucket < window_until and kind = 'tool'
  group by tenant_id, name, error_code, fault, cold_start;

  insert into rollup.tenant_window_bounds as known
  select tenant_id, window_from, window_until from unnest(chosen) as tenant_id
  on conflict (tenant_id) do update set from_hour = excluded.from_hour, until_hour = excluded.until_hour;
end
$$;
