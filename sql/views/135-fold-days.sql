-- Limits the size of roll-ups: deletes five-minute cells older than eight days, and folds hourly cells older than
-- hours_retention_days into days; totals stay as they are. The hours of tools and of tenants become cells of the tables of
-- days, and those of requests, providers, failures and measures the first hour of their day. A folded cell is deleted, so
-- every call is counted once. Folds only days whose calls are dropped: late calls can no longer be added to them. Also
-- removes orphans. Returns how many cells of tools and of tenants it folded.
create function rollup.fold_days(hours_retention_days integer) returns bigint
language plpgsql security definer set search_path = '' set jit = off
as $$
declare
  retained_from timestamptz := least(
    ((analytics.clock() at time zone 'UTC')::date - hours_retention_days)::timestamp at time zone 'UTC',
    (select dropped_before from analytics.horizon));
  tool_cells bigint;
  tenant_cells bigint;
begin
  perform rollup.lock_roll_ups('5 minutes');
  delete from rollup.tool_5m where bucket < rollup.five_minutes_retained_from();

  delete from rollup.tool_hour_figures where bucket < retained_from;

  with removed as (
    delete from rollup.tool_hour where bucket < retained_from returning *
  ),
  days as (
    insert into rollup.tool_day
    select
      date_bin('1 day', bucket, timestamptz 'epoch'), kind, name, error_code, fault, cold_start,
      sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
      sum(request_bytes), sum(response_bytes), sum(cost_usd), max(last_started_at),
      rollup.merge(rollup.concat_agg(histogram), '{}')
    from removed
    group by 1, 2, 3, 4, 5, 6
  )
  select count(*) into tool_cells from removed;

  with removed as (
    delete from rollup.tenant_hour where bucket < retained_from returning *
  ),
  days as (
    insert into rollup.tenant_day
    select
      tenant_id, date_bin('1 day', bucket, timestamptz 'epoch'), kind, name, error_code, fault, cold_start,
      sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
      sum(request_bytes), sum(response_bytes), sum(cost_usd), max(last_started_at),
      rollup.merge(rollup.concat_agg(histogram), '{}')
    from removed
    group by 1, 2, 3, 4, 5, 6, 7
  )
  select count(*) into tenant_cells from removed;

  -- Of these the first hour of the day holds the day.
  with removed as (
    delete from rollup.http_hour
    where bucket < retained_from and bucket <> date_bin('1 day', bucket, timestamptz 'epoch')
    returning *
  )
  insert into rollup.http_hour as cell
  select
    tenant_id, date_bin('1 day', bucket, timestamptz 'epoch'), method, path, status, failed, sum(calls), sum(total_us),
    rollup.merge(rollup.concat_agg(histogram), '{}')
  from removed
  group by 1, 2, 3, 4, 5, 6
  on conflict (tenant_id, bucket, method, path, status, failed) do update set
    calls = cell.calls + excluded.calls,
    total_us = cell.total_us + excluded.total_us,
    histogram = rollup.merge(cell.histogram, excluded.histogram);

  with removed as (
    delete from rollup.provider_hour
    where bucket < retained_from and bucket <> date_bin('1 day', bucket, timestamptz 'epoch')
    returning *
  )
  insert into rollup.provider_hour as cell
  select
    tenant_id, date_bin('1 day', bucket, timestamptz 'epoch'), provider, sum(calls), sum(failed), sum(total_us)
  from removed
  group by 1, 2, 3
  on conflict (tenant_id, bucket, provider) do update set
    calls = cell.calls + excluded.calls,
    failed = cell.failed + excluded.failed,
    total_us = cell.total_us + excluded.total_us;

  with removed as (
    delete from rollup.error_hour
    where bucket < retained_from and bucket <> date_bin('1 day', bucket, timestamptz 'epoch')
    returning *
  )
  insert into rollup.error_hour as cell
  select
    tenant_id, date_bin('1 day', bucket, timestamptz 'epoch'), kind, name, fingerprint, error_code, fault, sum(calls),
    min(first_seen_at), max(last_seen_at), min(error_type), min(error_message), max(last_version),
    max(last_event_id::text)::uuid
  from removed
  group by 1, 2, 3, 4, 5, 6, 7
  on conflict (tenant_id, bucket, kind, name, fingerprint, error_code, fault) do update set
    calls = cell.calls + excluded.calls,
    first_seen_at = least(cell.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(cell.last_seen_at, excluded.last_seen_at),
    last_version = greatest(cell.last_version, excluded.last_version),
    last_event_id = greatest(cell.last_event_id::text, excluded.last_event_id::text)::uuid;

  with removed as (
    delete from rollup.measure_hour
    where bucket < retained_from and bucket <> date_bin('1 day', bucket, timestamptz 'epoch')
    returning *
  )
  insert into rollup.measure_hour as cell
  select
    tenant_id, date_bin('1 day', bucket, timestamptz 'epoch'), kind, name, measure, sum(times), sum(total), min(lowest),
    max(highest)
  from removed
  group by 1, 2, 3, 4, 5
  on conflict (tenant_id, bucket, kind, name, measure) do update set
    times = cell.times + excluded.times,
    total = cell.total + excluded.total,
    lowest = least(cell.lowest, excluded.lowest),
    highest = greatest(cell.highest, excluded.highest);

  perform rollup.remove_orphans();
  return tool_cells + tenant_cells;
end
$$;

grant execute on function rollup.fold_days(integer) to toolwatch_retention;
grant usage on schema rollup to toolwatch_retention;
