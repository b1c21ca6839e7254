-- Takes the failures of [from_hour, to_hour) out of their hours and groups, to count them anew.
create function rollup.subtract_failures(from_hour timestamptz, to_hour timestamptz) returns void
language sql set search_path = ''
as $$
  with removed as (
    delete from rollup.error_hour where bucket >= from_hour and bucket < to_hour
    returning tenant_id, kind, name, fingerprint, error_code, fault, calls
  ),
  by_tenant as (
    select
      tenant_id, rollup.group_id_of(kind, name, fingerprint, error_code, fault) as group_id, sum(calls)::bigint as calls
    from removed
    group by tenant_id, kind, name, fingerprint, error_code, fault
  ),
  from_tenants as (
    update rollup.tenant_error_groups as known set calls = known.calls - by_tenant.calls
    from by_tenant
    where known.tenant_id = by_tenant.tenant_id and known.group_id = by_tenant.group_id
  )
  update rollup.error_groups as known set calls = known.calls - removed_calls
  from (select group_id, sum(calls)::bigint as removed_calls from by_tenant group by group_id) as of_group
  where known.group_id = of_group.group_id
$$;

-- Works out how many calls each group has, from the failures by the hour, and makes groups that are missing. The caller
-- must make sure that nothing is counted meanwhile.
create function rollup.renew_error_groups() returns void
language plpgsql set search_path = '' set jit = off set work_mem = '64MB'
as $$
begin
  update rollup.tenant_error_groups set calls = 0;
  update rollup.error_groups set calls = 0;
  perform rollup.add_error_groups(array_agg(row(group_figures.*)::rollup.tenant_error_groups))
  from (
    select
      tenant_id, rollup.group_id_of(kind, name, fingerprint, error_code, fault), kind, name, fingerprint, error_code,
      fault, min(error_type), min(error_message), sum(calls)::bigint, repeat('0', 1024)::bit(1024),
      (array_agg(
        row(first_seen_at, last_event_id, last_version, null, null, null)::rollup.seen_call order by first_seen_at))[1],
      (array_agg(
        row(last_seen_at, last_event_id, last_version, null, null, null)::rollup.seen_call
        order by last_seen_at desc))[1]
    from rollup.error_hour
    group by tenant_id, kind, name, fingerprint, error_code, fault
  ) as group_figures;
end
$$;
