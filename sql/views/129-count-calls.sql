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
  failures bigint;
  with_measures bigint;
  requests bigint;
  with_dependencies bigint;
  with_gauges bigint;
  changed_hours timestamptz[];
  added rollup.total_cells[];
begin
  with five_minutes as materialized (
    select
      date_bin('5 minutes', started_at, timestamptz 'epoch') as bucket, kind, name, error_code, fault, cold_start,
      count(*) as calls, sum(duration_us) as total_us, min(duration_ms) as min_ms, max(duration_ms) as max_ms,
      sum(retries) as retries, coalesce(sum(request_bytes), 0) as request_bytes,
      coalesce(sum(response_bytes), 0) as response_bytes, coalesce(sum(cost_usd), 0) as cost_usd,
      max(started_at) as last_started_at, array_agg(slot) as slots, count(measures) as measured,
      count(*) filter (where metadata ? 'dependencies') as depending,
      count(*) filter (where metadata ? 'gauges') as gauging,
      -- Both are of the first call of the cell.
      any_value(event_id) as exemplar_event_id, any_value(started_at) as exemplar_at
    from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events)
    group by 1, 2, 3, 4, 5, 6
  ),
  cells as materialized (
    select
      bucket, kind, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries,
      request_bytes, response_bytes, cost_usd, last_started_at,
      (select array_agg((slot::bigint << 32) + times order by slot)
       from (select slot, count(*) as times from unnest(slots) as slot group by slot) as counted) as histogram,
      measured, depending, gauging, exemplar_event_id, exemplar_at
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
  hours as materialized (
    select
      date_bin('1 hour', bucket, timestamptz 'epoch') as hour, kind, name, error_code, fault, cold_start,
      sum(calls)::bigint as calls, sum(total_us) as total_us, min(min_ms) as min_ms, max(max_ms) as max_ms,
      sum(retries) as retries, sum(request_bytes) as request_bytes, sum(response_bytes) as response_bytes,
      sum(cost_usd) as cost_usd, max(last_started_at) as last_started_at,
      rollup.merge(rollup.concat_agg(histogram), '{}') as histogram,
      sum(measured) as measured, sum(depending) as depending, sum(gauging) as gauging,
      any_value(exemplar_event_id) as exemplar_event_id, any_value(exemplar_at) as exemplar_at
    from cells
    group by 1, 2, 3, 4, 5, 6
  ),
  in_hours as (
    insert into rollup.tool_hour as cell
    select
      hour, kind, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries,
      request_bytes, response_bytes, cost_usd, last_started_at, histogram
    from hours
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
    coalesce(sum(calls), 0), coalesce(sum(calls) filter (where error_code <> ''), 0), coalesce(sum(measured), 0),
    coalesce(sum(calls) filter (where kind = 'http'), 0),
    coalesce(sum(depending), 0), coalesce(sum(gauging), 0) + coalesce(sum(measured) filter (where kind = 'job'), 0),
    array_agg(distinct hour),
    array_agg(row(
      hour, 'calls', array[kind, name, error_code, fault], calls, total_us, null, histogram, exemplar_event_id,
      exemplar_at
    )::rollup.total_cells)
  into counted, failures, with_measures, requests, with_dependencies, with_gauges, changed_hours, added
  from hours;
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

  -- Only where a call has such things are the calls read again.
  if failures > 0 then
    perform rollup.count_failures(first_moment, until, only_batches, except_batches, only_events);
  end if;
  if requests > 0 then
    added := added || rollup.count_requests(first_moment, until, only_batches, except_batches, only_events);
  end if;
  if with_dependencies > 0 then
    added := added || rollup.count_provider_calls(first_moment, until, only_batches, except_batches, only_events);
  end if;
  if with_gauges > 0 then
    perform rollup.set_gauges(first_moment, until, only_batches, except_batches, only_events);
  end if;
  if with_measures > 0 then
    added := added || rollup.count_measures(first_moment, until, only_batches, except_batches, only_events);
    perform rollup.note_rate_limits(first_moment, until, only_batches, except_batches, only_events);
  end if;
  perform rollup.add_totals(added);
  return counted;
end
$$;
