-- Adds the calls that began in [first_moment, until) to the roll-ups: those of only_batches, in ascending order, all
-- but those of except_batches, and only those with these event ids, where not NULL. Returns how many calls it added.
-- The caller must make sure that no call is counted twice. The lists of columns to add up occur once for each table:
-- SQL cannot name a SET list.
create function rollup.count_calls(
  first_moment timestamptz, until timestamptz, only_batches bigint[], except_batches bigint[], only_events uuid[]
) returns bigint
language plpgsql set search_path = ''
  -- Plan for these batches, and aggregate by hashing: statistics do not include rows stored a moment ago.
  set plan_cache_mode = force_custom_plan set enable_sort = off set enable_seqscan = off
  set work_mem = '16MB' set hash_mem_multiplier = 4 set jit = off
as $$
declare
  counted bigint;
  with_measures bigint;
  changed_hours timestamptz[];
begin
  with five_minutes as materialized (
    select
      date_bin('5 minutes', started_at, timestamptz 'epoch') as bucket, kind, name, error_code, fault, cold_start,
      count(*) as calls, sum(duration_us) as total_us, min(duration_ms) as min_ms, max(duration_ms) as max_ms,
      sum(retries) as retries, coalesce(sum(request_bytes), 0) as request_bytes,
      coalesce(sum(response_bytes), 0) as response_bytes, coalesce(sum(cost_usd), 0) as cost_usd,
      max(started_at) as last_started_at, array_agg(slot) as slots, count(measures) as measured
    from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events)
    group by 1, 2, 3, 4, 5, 6
  ),
  cells as materialized (
    select
      bucket, kind, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries,
      request_bytes, response_bytes, cost_usd, last_started_at,
      (select array_agg((slot::bigint << 32) + times order by slot)
       from (select slot, count(*) as times from unnest(slots) as slot group by slot) as counted) as histogram,
      measured
    from five_minutes
  ),
  in_five_minutes as (
    insert into rollup.tool_5m as cell
    select
      bucket, kind, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries,
      request_bytes, response_bytes, cost_usd, last_started_at, histogram
    from cells
    on conflict (bucket, kind, name, error_code, fault, cold_start) do update set
      calls = cell.calls + excluded.calls,
      total_us = cell.total_us + excluded.total_us,
      min_ms = least(cell.min_ms, excluded.min_ms),
      max_ms = greatest(cell.max_ms, excluded.max_ms),
      retries = cell.retries + excluded.retries,
      request_bytes = cell.request_bytes + excluded.request_bytes,
      response_bytes = cell.response_bytes + excluded.response_bytes,
      cost_usd = cell.cost_usd + excluded.cost_usd,
      last_started_at = greatest(cell.last_started_at, excluded.last_started_at),
      histogram = rollup.merge(cell.histogram, excluded.histogram)
  ),
  in_hours as (
    insert into rollup.tool_hour as cell
    select
      date_bin('1 hour', bucket, timestamptz 'epoch'), kind, name, error_code, fault, cold_start,
      sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
      sum(request_bytes), sum(response_bytes), sum(cost_usd), max(last_started_at),
      rollup.merge(rollup.concat_agg(histogram), '{}')
    from cells
    group by 1, 2, 3, 4, 5, 6
    on conflict (bucket, kind, name, error_code, fault, cold_start) do update set
      calls = cell.calls + excluded.calls,
      total_us = cell.total_us + excluded.total_us,
      min_ms = least(cell.min_ms, excluded.min_ms),
      max_ms = greatest(cell.max_ms, excluded.max_ms),
      retries = cell.retries + excluded.retries,
      request_bytes = cell.request_bytes + excluded.request_bytes,
      response_bytes = cell.response_bytes + excluded.response_bytes,
      cost_usd = cell.cost_usd + excluded.cost_usd,
      last_started_at = greatest(cell.last_started_at, excluded.last_started_at),
      histogram = rollup.merge(cell.histogram, excluded.histogram)
  )
  select
    coalesce(sum(calls), 0), coalesce(sum(measured), 0),
    array_agg(distinct date_bin('1 hour', bucket, timestamptz 'epoch'))
  into counted, with_measures, changed_hours
  from cells;
  perform rollup.renew_hour_figures(changed_hours);
  delete from rollup.operator_window
  using rollup.bounds_24h
  where exists (select from unnest(changed_hours) as hour where hour >= first_hour and hour < window_until);

  with cells as materialized (
    select
      tenant_id, date_bin('1 hour', started_at, timestamptz 'epoch') as bucket,
      kind, name, error_code, fault, cold_start,
      count(*) as calls, sum(duration_us) as total_us, min(duration_ms) as min_ms, max(duration_ms) as max_ms,
      sum(retries) as retries, coalesce(sum(request_bytes), 0) as request_bytes,
      coalesce(sum(response_bytes), 0) as response_bytes, coalesce(sum(cost_usd), 0) as cost_usd,
      max(started_at) as last_started_at,
      -- There are many such cells, most of them with few calls: their histograms get one element per call, and are
      -- merged only when they have many.
      array_agg((slot::bigint << 32) + 1) as histogram,
      min(started_at) as first_started_at
    from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events)
    group by 1, 2, 3, 4, 5, 6, 7
  ),
  in_hours as (
    insert into rollup.tenant_hour as cell
    select
      tenant_id, bucket, kind, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries,
      request_bytes, response_bytes, cost_usd, last_started_at,
      case when calls > 100 then rollup.merge(histogram, '{}') else histogram end
    from cells
    on conflict (tenant_id, bucket, kind, name, error_code, fault, cold_start) do update set
      calls = cell.calls + excluded.calls,
      total_us = cell.total_us + excluded.total_us,
      min_ms = least(cell.min_ms, excluded.min_ms),
      max_ms = greatest(cell.max_ms, excluded.max_ms),
      retries = cell.retries + excluded.retries,
      request_bytes = cell.request_bytes + excluded.request_bytes,
      response_bytes = cell.response_bytes + excluded.response_bytes,
      cost_usd = cell.cost_usd + excluded.cost_usd,
      last_started_at = greatest(cell.last_started_at, excluded.last_started_at),
      histogram = case
        when cardinality(cell.histogram) + cardinality(excluded.histogram) > 400
          then rollup.merge(cell.histogram, excluded.histogram)
        else cell.histogram || excluded.histogram
      end
  ),
  outdated_windows as (
    delete from rollup.tenant_window_bounds
    using cells
    where tenant_window_bounds.tenant_id = cells.tenant_id
      and cells.bucket >= tenant_window_bounds.from_hour and cells.bucket < tenant_window_bounds.until_hour
  )
  insert into rollup.tenants as known
  select tenant_id, min(first_started_at), max(last_started_at)
  from cells
  group by 1
  on conflict (tenant_id) do update set
    first_called_at = least(known.first_called_at, excluded.first_called_at),
    last_called_at = greatest(known.last_called_at, excluded.last_called_at),
    figures_from_hour = null;

  insert into rollup.error_hour as cell
  select
    tenant_id, date_bin('1 hour', started_at, timestamptz 'epoch'), kind, name, fingerprint, error_code, fault,
    count(*), min(started_at), max(started_at), min(error_type), min(error_message), max(version),
    max(event_id::text)::uuid
  from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events)
  where not success
  group by 1, 2, 3, 4, 5, 6, 7
  on conflict (tenant_id, bucket, kind, name, fingerprint, error_code, fault) do update set
    calls = cell.calls + excluded.calls,
    first_seen_at = least(cell.first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(cell.last_seen_at, excluded.last_seen_at),
    error_type = least(cell.error_type, excluded.error_type),
    error_message = least(cell.error_message, excluded.error_message),
    last_version = greatest(cell.last_version, excluded.last_version),
    last_event_id = greatest(cell.last_event_id::text, excluded.last_event_id::text)::uuid;

  -- Few batches contain business measures; the calls of the others need not be read again.
  if with_measures = 0 then
    return counted;
  end if;

  insert into rollup.measure_hour as cell
  select
    tenant_id, date_bin('1 hour', started_at, timestamptz 'epoch'), kind, name, rollup.key_of(measure),
    count(*), sum(figure::text::numeric), min(figure::text::numeric), max(figure::text::numeric)
  from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events)
  cross join lateral jsonb_each(measures) as business (measure, figure)
  where measures is not null and jsonb_typeof(figure) = 'number'
  group by 1, 2, 3, 4, 5
  on conflict (tenant_id, bucket, kind, name, measure) do update set
    times = cell.times + excluded.times,
    total = cell.total + excluded.total,
    lowest = least(cell.lowest, excluded.lowest),
    highest = greatest(cell.highest, excluded.highest);

  insert into rollup.rate_limits as known
  select distinct on (1, 2, 3)
    tenant_id, rollup.key_of(coalesce(metadata ->> 'rate_limit_key_type', 'api_key')),
    rollup.key_of(coalesce(metadata ->> 'rate_limit_key', name)),
    rollup.number_in(measures, 'rate_limit_count'), rollup.number_in(measures, 'rate_limit_max'),
    rollup.time_of(rollup.number_in(measures, 'rate_limit_reset_at')), started_at
  from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events)
  where rollup.number_in(measures, 'rate_limit_count') is not null
    and rollup.number_in(measures, 'rate_limit_max') > 0
  order by 1, 2, 3, started_at desc
  on conflict (tenant_id, key_type, identifier) do update set
    request_count = excluded.request_count,
    limit_max = excluded.limit_max,
    reset_at = excluded.reset_at,
    seen_at = excluded.seen_at
  where known.seen_at < excluded.seen_at;

  return counted;
end
$$;
