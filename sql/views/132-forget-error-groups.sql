-- Counts the failures of these groups in the group '_OTHER' of their name, or of all names.
create function rollup.forget_groups(gone text[], of_all_names text[]) returns void
language plpgsql set search_path = '' set jit = off
as $$
declare
  moved rollup.tenant_error_groups[];
begin
  with removed as (
    delete from rollup.error_hour as cell
    using rollup.error_groups as known
    where known.group_id = any (gone) and cell.kind = known.kind and cell.name = known.name
      and cell.fingerprint = known.fingerprint and cell.error_code = known.error_code and cell.fault = known.fault
    returning cell.*, known.group_id
  )
  insert into rollup.error_hour as cell
  select
    tenant_id, bucket, kind, case when group_id = any (of_all_names) then '_OTHER' else name end, '_OTHER', error_code,
    fault, sum(calls), min(first_seen_at), max(last_seen_at), null, null, max(last_version),
    max(last_event_id::text)::uuid
  from removed
  group by 1, 2, 3, 4, 6, 7
  on conflict (tenant_id, bucket, kind, name, fingerprint, error_code, fault) do update set
    calls = cell.calls + excluded.calls,
    first_seen_at = least(cell.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(cell.last_seen_at, excluded.last_seen_at),
    last_version = greatest(cell.last_version, excluded.last_version),
    last_event_id = greatest(cell.last_event_id::text, excluded.last_event_id::text)::uuid;

  with removed as (
    delete from rollup.tenant_error_groups where group_id = any (gone) returning *
  ),
  renamed as (
    select *, case when group_id = any (of_all_names) then '_OTHER' else name end as new_name
    from removed
  )
  select array_agg(row(group_figures.*)::rollup.tenant_error_groups) into moved
  from (
    select
      tenant_id, rollup.group_id_of(kind, new_name, '_OTHER', error_code, fault), kind, new_name, '_OTHER', error_code,
      fault, null::text, null::text, sum(calls)::bigint, bit_or(users),
      (array_agg(oldest order by oldest))[1], (array_agg(newest order by newest desc))[1]
    from renamed
    group by tenant_id, kind, new_name, error_code, fault
  ) as group_figures;
  delete from rollup.error_groups where group_id = any (gone);
  delete from ops.error_group_states where group_id = any (gone);
  perform rollup.add_error_groups(moved);
end
$$;

-- Forgets groups, so that there is room for others: those without a call for 90 days, and where there are nearly as many
-- as there may be, those without a call for a week. A group that is muted stays. Their calls are counted in the group
-- '_OTHER'. Returns how many it forgot.
create function rollup.forget_error_groups() returns bigint
language plpgsql security definer set search_path = ''
as $$
declare
  gone text[];
  of_all_names text[];
begin
  perform rollup.lock_roll_ups('5 minutes');
  with ranked as (
    select
      group_id, name, fingerprint, (newest).started_at as last_seen_at,
      row_number() over (partition by kind, name, fingerprint = '_OTHER' order by newest desc) as place_in_name,
      row_number() over (order by newest desc) as place
    from rollup.error_groups
    where not exists (
      select from ops.error_group_states as decided
      where decided.group_id = error_groups.group_id and decided.muted_until > analytics.clock()
    )
  ),
  chosen as (
    select
      group_id,
      place > rollup.error_group_limit(of_name => false)
        or place > 0.75 * rollup.error_group_limit(of_name => false)
          and last_seen_at < analytics.clock() - interval '7 days' as is_store_full,
      fingerprint <> '_OTHER' and (
        last_seen_at < analytics.clock() - interval '90 days'
        or place_in_name > rollup.error_group_limit(of_name => true)
        or place_in_name > 0.75 * rollup.error_group_limit(of_name => true)
          and last_seen_at < analytics.clock() - interval '7 days') as is_name_full
    from ranked
    where name <> '_OTHER' or fingerprint <> '_OTHER'
  )
  select
    coalesce(array_agg(group_id), '{}'), coalesce(array_agg(group_id) filter (where is_store_full), '{}')
  into gone, of_all_names
  from chosen
  where is_store_full or is_name_full;
  perform rollup.forget_groups(gone, of_all_names);
  return cardinality(gone);
end
$$;

grant execute on function rollup.forget_error_groups() to toolwatch_retention;

-- After the first deployment with groups, and when the version before counted calls while these functions were missing.
-- Nothing counts until this transaction ends, because what counts calls is being replaced.
do $$
begin
  if (select coalesce(sum(calls), 0) from rollup.error_hour)
    <> (select coalesce(sum(calls), 0) from rollup.error_groups)
  then
    perform rollup.renew_error_groups();
    perform rollup.forget_error_groups();
  end if;
end
$$;
