-- The names that fail in a new way. A group counts that was first seen, or seen again after it was resolved, within a
-- day and after a deployment; with at least three calls over at least five minutes; not by its caller's fault; that
-- nobody muted or resolved; and not of evaluations of alert rules, of which rules/not-evaluated notifies people. `holds`
-- until it was not seen for an hour, then `over` for half an hour if the name is called successfully, or at once when
-- somebody decides about it. A group is reported once, and once more each time it regresses. Nothing is new while
-- everything is: for a day after the first calls of the store, and, where the fingerprints are of another algorithm than
-- those before, until the next deployment.
create function rollup.report_new_errors() returns table (kind text, name text, verdict text)
language sql volatile security definer set search_path = ''
as $$
  select rollup.lock_roll_ups('5 seconds');

  update rollup.error_groups as fresh set reported_at = analytics.clock()
  from (
    select
      known.group_id, kind, name, fingerprint, error_code, known.fault, (newest).started_at as last_seen_at, changed_at,
      case
        when regressed_at > coalesce(changed_at, '-infinity') then regressed_at else (oldest).started_at
      end as since,
      coalesce(state = 'resolved' and (regressed_at is null or regressed_at <= changed_at), false)
        or coalesce(muted_until > analytics.clock(), false) as is_silenced
    from rollup.error_groups as known
    left join ops.error_group_states as decided using (group_id)
    where known.fault <> 'caller' and fingerprint <> '_OTHER' and not rollup.is_evaluation(kind, name)
      and not rollup.is_of_worker(kind, name)
      and (newest).started_at >= analytics.clock() - interval '1 day'
  ) as candidate
  cross join lateral (
    select max(started_at) as started_at from analytics.deployments where started_at <= candidate.since
  ) as deployment
  where fresh.group_id = candidate.group_id
    and not is_silenced
    and since >= analytics.clock() - interval '1 day'
    and (fresh.reported_at is null or fresh.reported_at < since)
    and last_seen_at >= since + interval '5 minutes'
    and (select min(first_called_at) from rollup.tenants) < deployment.started_at - interval '1 day'
    and exists (
      select from rollup.error_groups as earlier
      where split_part(earlier.fingerprint, ':', 1) = split_part(candidate.fingerprint, ':', 1)
        and (earlier.oldest).started_at < deployment.started_at
    )
    and (
      select sum(hour.calls) from rollup.error_hour as hour
      where hour.kind = candidate.kind and hour.name = candidate.name and hour.fingerprint = candidate.fingerprint
        and hour.error_code = candidate.error_code and hour.fault = candidate.fault
        and hour.bucket >= date_bin('1 hour', since, timestamptz 'epoch')
    ) >= 3;

  update rollup.error_groups as known set over_at = analytics.clock()
  from rollup.error_groups as same
  left join ops.error_group_states as decided using (group_id)
  where same.group_id = known.group_id and known.reported_at is not null
    and (known.over_at is null or known.over_at < known.reported_at)
    and ((known.newest).started_at < analytics.clock() - interval '1 hour'
      or coalesce(decided.muted_until > analytics.clock(), false)
      or decided.state = 'resolved' and (known.regressed_at is null or known.regressed_at <= decided.changed_at));

  select kind, name, case when bool_or(holds) then 'holds' else 'over' end
  from (
    select
      kind, name, over_at is null or over_at < reported_at as holds,
      over_at >= analytics.clock() - interval '30 minutes' and (
        (newest).started_at >= analytics.clock() - interval '1 hour' or exists (
          select from rollup.tool_5m
          where tool_5m.kind = reported.kind and tool_5m.name = reported.name and tool_5m.error_code = ''
            and bucket >= analytics.clock() - interval '1 hour'
        )
      ) as is_over
    from rollup.error_groups as reported
    where reported_at is not null
  ) as verdicts
  where holds or is_over
  group by kind, name
  order by 3, 1, 2
$$;

grant execute on function rollup.report_new_errors() to toolwatch_refresher;
