-- Adds failures to their roll-up by the hour and to their groups. Reads the calls that count_calls is given. A failure
-- whose name, or with which all names, would have too many groups is counted in the group '_OTHER'.
create function rollup.count_failures(
  first_moment timestamptz, until timestamptz, only_batches bigint[], except_batches bigint[], only_events uuid[]
) returns void
language plpgsql set search_path = ''
  set plan_cache_mode = force_custom_plan set enable_sort = off set enable_seqscan = off
  set work_mem = '16MB' set hash_mem_multiplier = 4 set jit = off
as $$
declare
  added rollup.tenant_error_groups[];
begin
  with failures as materialized (
    select
      tenant_id, date_bin('1 hour', started_at, timestamptz 'epoch') as bucket, kind, name, fingerprint, error_code,
      fault, version, count(*) as calls, min(error_type) as error_type, min(error_message) as error_message,
      max(event_id::text)::uuid as last_event_id, bit_or(rollup.mark_of(user_id)) as users,
      min(seen) as oldest, max(seen) as newest
    from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events)
    -- Only arrays compare and keep their type; as an array a call takes the room of one, however many there are.
    cross join lateral (values (array[
      to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), event_id::text, version,
      correlation_id, trace_id, provider
    ])) as call (seen)
    where not success
    group by 1, 2, 3, 4, 5, 6, 7, 8
  ),
  marked as (
    select
      failures.*, known.group_id is null and fingerprint <> '_OTHER' as is_unknown,
      sum(failures.calls) over (partition by kind, name, fingerprint, error_code, fault) as calls_of_group,
      -- Since when the group has been resolved, by somebody or by itself, and in which version.
      case when is_decided then changed_at when calm_at < until then calm_at end as resolved_at,
      case when is_decided then decided.version when calm_at < until then (
        select deployments.version from analytics.deployments
        where deployments.started_at < calm_at
        order by deployments.started_at desc, deployment_id desc
        limit 1
      ) end as resolving_version
    from failures
    left join rollup.error_groups as known using (kind, name, fingerprint, error_code, fault)
    left join ops.error_group_states as decided using (group_id)
    cross join lateral (
      select
        coalesce(state = 'resolved' and (regressed_at is null or regressed_at <= changed_at), false) as is_decided,
        greatest((known.newest).started_at, changed_at) + rollup.error_group_calm() as calm_at
    ) as resolution
  ),
  taken as materialized (
    select kind, name, count(*) filter (where fingerprint <> '_OTHER') as groups_of_name, count(*) as all_groups
    from rollup.error_groups
    group by kind, name
  ),
  -- Which place among all groups a new one takes: the most frequent first. Ranked instead of joined, because nobody
  -- knows beforehand how many there are.
  placed as (
    select
      marked.*,
      coalesce(groups_of_name, 0) + dense_rank() over (
        partition by kind, name, is_unknown order by calls_of_group desc, fingerprint, error_code, fault
      ) as place_in_name,
      (select coalesce(sum(all_groups), 0) from taken) + dense_rank() over (
        partition by is_unknown order by calls_of_group desc, kind, name, fingerprint, error_code, fault
      ) as place
    from marked
    left join taken using (kind, name)
  ),
  limited as (
    select
      placed.*,
      is_unknown and place > rollup.error_group_limit(of_name => false) as is_store_full,
      is_unknown and place_in_name > rollup.error_group_limit(of_name => true) as is_name_full
    from placed
  ),
  cells as materialized (
    select
      tenant_id, bucket, kind, error_code, fault, version, calls, last_event_id, users, oldest, newest, resolved_at,
      resolving_version,
      case when is_store_full then '_OTHER' else name end as name,
      case when is_store_full or is_name_full then '_OTHER' else fingerprint end as fingerprint,
      case when not (is_store_full or is_name_full) then error_type end as error_type,
      case when not (is_store_full or is_name_full) then error_message end as error_message
    from limited
  ),
  in_hours as (
    insert into rollup.error_hour as cell
    select
      tenant_id, bucket, kind, name, fingerprint, error_code, fault, sum(calls), min(oldest[1])::timestamptz,
      max(newest[1])::timestamptz, min(error_type), min(error_message), max(version), max(last_event_id::text)::uuid
    from cells
    group by 1, 2, 3, 4, 5, 6, 7
    on conflict (tenant_id, bucket, kind, name, fingerprint, error_code, fault) do update set
      calls = cell.calls + excluded.calls,
      first_seen_at = least(cell.first_seen_at, excluded.first_seen_at),
      last_seen_at = greatest(cell.last_seen_at, excluded.last_seen_at),
      error_type = least(cell.error_type, excluded.error_type),
      error_message = least(cell.error_message, excluded.error_message),
      last_version = greatest(cell.last_version, excluded.last_version),
      last_event_id = greatest(cell.last_event_id::text, excluded.last_event_id::text)::uuid
  ),
  regressed as (
    update rollup.error_groups as known set
      regressed_at = again.at,
      regressed_version = again.version
    from (
      select distinct on (kind, name, fingerprint, error_code, fault)
        kind, name, fingerprint, error_code, fault, version,
        case
          when oldest[1]::timestamptz > resolved_at then oldest[1]::timestamptz else newest[1]::timestamptz
        end as at
      from cells
      where newest[1]::timestamptz > resolved_at
        and not coalesce(rollup.is_older_version(version, resolving_version), false)
      order by kind, name, fingerprint, error_code, fault, at
    ) as again
    where known.kind = again.kind and known.name = again.name and known.fingerprint = again.fingerprint
      and known.error_code = again.error_code and known.fault = again.fault
  )
  select array_agg(row(group_figures.*)::rollup.tenant_error_groups) into added
  from (
    select
      tenant_id, rollup.group_id_of(kind, name, fingerprint, error_code, fault), kind, name, fingerprint, error_code,
      fault, min(error_type), min(error_message), sum(calls)::bigint,
      coalesce(bit_or(users), repeat('0', 1024)::bit(1024)), rollup.to_seen_call(min(oldest)),
      rollup.to_seen_call(max(newest))
    from cells
    group by tenant_id, kind, name, fingerprint, error_code, fault
  ) as group_figures;
  perform rollup.add_error_groups(added);
end
$$;
