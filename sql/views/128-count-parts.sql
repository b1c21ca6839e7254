-- The parts of counting that few calls need. Each reads the calls that count_calls is given, and returns what it adds
-- to the totals.

-- Adds HTTP requests to their roll-up.
create function rollup.count_requests(
  first_moment timestamptz, until timestamptz, only_batches bigint[], except_batches bigint[], only_events uuid[]
) returns rollup.total_cells[]
language plpgsql set search_path = ''
  set plan_cache_mode = force_custom_plan set enable_sort = off set enable_seqscan = off
  set work_mem = '16MB' set hash_mem_multiplier = 4 set jit = off
as $$
declare
  added rollup.total_cells[];
begin
  perform rollup.admit_names('path', array_agg(path order by calls desc, path))
  from (
    select http_path as path, count(*) as calls
    from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events)
    where kind = 'http'
    group by 1
  ) as paths;

  with cells as materialized (
    select
      tenant_id, date_bin('1 hour', started_at, timestamptz 'epoch') as bucket, http_method as method,
      coalesce(admitted_names.name, '_OTHER') as path, http_status as status, not success as failed,
      count(*) as calls, sum(duration_us) as total_us, array_agg((slot::bigint << 32) + 1) as histogram,
      any_value(event_id) as exemplar_event_id, any_value(started_at) as exemplar_at
    from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events) as call
    left join rollup.admitted_names on namespace = 'path' and admitted_names.name = http_path
    where kind = 'http'
    group by 1, 2, 3, 4, 5, 6
  ),
  in_hours as (
    insert into rollup.http_hour as cell
    select
      tenant_id, bucket, method, path, status, failed, calls, total_us,
      case when calls > 100 then rollup.merge(histogram, '{}') else histogram end
    from cells
    on conflict (tenant_id, bucket, method, path, status, failed) do update set
      calls = cell.calls + excluded.calls,
      total_us = cell.total_us + excluded.total_us,
      histogram = case
        when cardinality(cell.histogram) + cardinality(excluded.histogram) > 400
          then rollup.merge(cell.histogram, excluded.histogram)
        else cell.histogram || excluded.histogram
      end
  )
  select array_agg(row(
    bucket, 'http', array[method, path, status::text, failed::text], calls, total_us, null, histogram,
    exemplar_event_id, exemplar_at
  )::rollup.total_cells)
  into added
  from cells;
  return added;
end
$$;

-- Adds the calls of outside services that other calls made to their roll-up.
create function rollup.count_provider_calls(
  first_moment timestamptz, until timestamptz, only_batches bigint[], except_batches bigint[], only_events uuid[]
) returns rollup.total_cells[]
language plpgsql set search_path = ''
  set plan_cache_mode = force_custom_plan set enable_sort = off set enable_seqscan = off
  set work_mem = '16MB' set hash_mem_multiplier = 4 set jit = off
as $$
declare
  added rollup.total_cells[];
begin
  with cells as materialized (
    select
      tenant_id, date_bin('1 hour', started_at, timestamptz 'epoch') as bucket, made.provider,
      sum(made.calls)::bigint as calls,
      sum(made.failed)::bigint as failed, sum(made.total_us) as total_us
    from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events)
    cross join lateral rollup.provider_calls(metadata) as made
    where metadata ? 'dependencies'
    group by 1, 2, 3
  ),
  in_hours as (
    insert into rollup.provider_hour as cell
    select tenant_id, bucket, provider, calls, failed, total_us
    from cells
    on conflict (tenant_id, bucket, provider) do update set
      calls = cell.calls + excluded.calls,
      failed = cell.failed + excluded.failed,
      total_us = cell.total_us + excluded.total_us
  )
  select array_agg(row(
    bucket, 'provider', array[provider, outcome], case outcome when 'error' then failed else calls - failed end,
    case outcome when 'error' then 0 else total_us end, null, null, null, null
  )::rollup.total_cells)
  into added
  from cells
  cross join (values ('success'), ('error')) as outcomes (outcome);
  return added;
end
$$;

-- Adds business measures to their roll-up.
create function rollup.count_measures(
  first_moment timestamptz, until timestamptz, only_batches bigint[], except_batches bigint[], only_events uuid[]
) returns rollup.total_cells[]
language plpgsql set search_path = ''
  set plan_cache_mode = force_custom_plan set enable_sort = off set enable_seqscan = off
  set work_mem = '16MB' set hash_mem_multiplier = 4 set jit = off
as $$
declare
  added rollup.total_cells[];
begin
  with cells as materialized (
    select
      tenant_id, date_bin('1 hour', started_at, timestamptz 'epoch') as bucket, kind, name,
      rollup.key_of(measure) as measure, count(*) as times, sum(figure::text::numeric) as total,
      min(figure::text::numeric) as lowest, max(figure::text::numeric) as highest
    from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events)
    cross join lateral jsonb_each(measures) as business (measure, figure)
    where measures is not null and jsonb_typeof(figure) = 'number'
    group by 1, 2, 3, 4, 5
  ),
  in_hours as (
    insert into rollup.measure_hour as cell
    select tenant_id, bucket, kind, name, measure, times, total, lowest, highest
    from cells
    on conflict (tenant_id, bucket, kind, name, measure) do update set
      times = cell.times + excluded.times,
      total = cell.total + excluded.total,
      lowest = least(cell.lowest, excluded.lowest),
      highest = greatest(cell.highest, excluded.highest)
  )
  select array_agg(row(bucket, 'series', array[measure], times, total, lowest, null, null, null)::rollup.total_cells)
  into added
  from cells
  where rollup.is_summed(measure);
  return added;
end
$$;

-- Notes what outside services last said about how much they still allow.
create function rollup.note_rate_limits(
  first_moment timestamptz, until timestamptz, only_batches bigint[], except_batches bigint[], only_events uuid[]
) returns void
language plpgsql set search_path = ''
  set plan_cache_mode = force_custom_plan set enable_sort = off set enable_seqscan = off
  set work_mem = '16MB' set hash_mem_multiplier = 4 set jit = off
as $$
begin
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
end
$$;

-- For how long a gauge that is not set again is shown.
create function rollup.gauge_lifetime() returns interval
language sql immutable parallel safe
as $$ select interval '1 hour' $$;

grant execute on function rollup.gauge_lifetime() to toolwatch_reader, toolwatch_operator;

-- Stores the latest value of each gauge, of at most so many that were set lately.
create function rollup.set_gauges(
  first_moment timestamptz, until timestamptz, only_batches bigint[], except_batches bigint[], only_events uuid[]
) returns void
language plpgsql set search_path = ''
  set plan_cache_mode = force_custom_plan set enable_sort = off set enable_seqscan = off
  set work_mem = '16MB' set hash_mem_multiplier = 4 set jit = off
as $$
declare
  max_gauges constant integer := 1000;
  oldest timestamptz := analytics.clock() - rollup.gauge_lifetime();
begin
  delete from rollup.gauges where set_at < oldest;
  with latest as materialized (
    -- A clock that is ahead must not hold up what is set later.
    select distinct on (series) series, value, least(started_at, now()) as set_at
    from rollup.select_calls(first_moment, until, only_batches, except_batches, only_events)
    cross join lateral rollup.gauges_of(kind, name, metadata, measures)
    where started_at >= oldest
    order by series, started_at desc, event_id
  ),
  placed as (
    select
      latest.*,
      gauges.series is not null
        or (select count(*) from rollup.gauges)
          + count(*) filter (where gauges.series is null) over (order by latest.series) <= max_gauges as has_room
    from latest
    left join rollup.gauges using (series)
  ),
  stored as (
    insert into rollup.gauges as known
    select series, value, set_at
    from placed
    where has_room
    on conflict (series) do update set value = excluded.value, set_at = excluded.set_at
    where known.set_at <= excluded.set_at
  )
  update rollup.progress set gauges_refused = gauges_refused + refused
  from (select count(*) as refused from placed where not has_room) as counts
  where refused > 0;
end
$$;
