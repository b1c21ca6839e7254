-- Where roll-ups disagree with the calls themselves, over [from_hour, to_hour), both full hours, without the calls of
-- pending batches and those in uncounted_calls. No row means that they agree: in calls, durations, extremes, retries,
-- bytes, cost, histograms, business measures, error groups, HTTP requests and calls of outside services. The totals:
-- rollup.total_differences().
create function rollup.differences(from_hour timestamptz, to_hour timestamptz)
returns table (rolled_up_in text, cell text, facts text, rolled_up text)
language sql stable security definer set search_path = '' set jit = off set work_mem = '64MB'
as $$
  with counted as materialized (
    select *, date_bin('1 hour', started_at, timestamptz 'epoch') as hour
    from rollup.calls
    where started_at >= from_hour and started_at < to_hour
      and batch_id not in (select batch_id from rollup.pending_batches)
  ),
  -- Each call once for every table that has a cell for it. A cell over all tenants has '' for its tenant.
  counted_per_table as (
    select
      in_table, bucket, cell_tenant as tenant_id, kind, name, error_code, fault, cold_start, started_at, duration_us,
      duration_ms, slot, retries, request_bytes, response_bytes, cost_usd
    from counted
    cross join lateral (values
      ('tool_5m', date_bin('5 minutes', started_at, timestamptz 'epoch'), ''),
      ('tool_hour', hour, ''),
      ('tenant_hour', hour, tenant_id)
    ) as cell_key (in_table, bucket, cell_tenant)
    where in_table <> 'tool_5m' or started_at >= (select rollup.five_minutes_retained_from())
  ),
  fact_figures as (
    select
      in_table, bucket, tenant_id, kind, name, error_code, fault, cold_start,
      row(
        count(*), sum(duration_us), min(duration_ms), max(duration_ms), sum(retries), coalesce(sum(request_bytes), 0),
        coalesce(sum(response_bytes), 0), coalesce(sum(cost_usd), 0), max(started_at)
      )::text as figures
    from counted_per_table
    group by 1, 2, 3, 4, 5, 6, 7, 8
  ),
  fact_slots as (
    select in_table, bucket, tenant_id, kind, name, error_code, fault, cold_start, slot, count(*) as times
    from counted_per_table
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
  ),
  cells as (
    select 'tool_5m' as in_table, '' as tenant_id, tool_5m.*
    from rollup.tool_5m
    where bucket >= rollup.five_minutes_retained_from()
    union all
    select 'tool_hour', '', tool_hour.*
    from rollup.tool_hour
    union all
    select 'tenant_hour', tenant_hour.*
    from rollup.tenant_hour
  ),
  cell_figures as (
    select
      in_table, bucket, tenant_id, kind, name, error_code, fault, cold_start,
      row(
        calls, total_us, min_ms, max_ms, retries, request_bytes, response_bytes, cost_usd, last_started_at
      )::text as figures
    from cells
    where bucket >= from_hour and bucket < to_hour
  ),
  cell_slots as (
    select
      in_table, bucket, tenant_id, kind, name, error_code, fault, cold_start,
      (element >> 32)::integer as slot, sum(element & 4294967295)::bigint as times
    from cells
    cross join lateral unnest(histogram) as element
    where bucket >= from_hour and bucket < to_hour
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
  ),
  fact_hours as (
    select kind, name, hour as bucket, count(*) as calls
    from counted
    group by 1, 2, 3
  ),
  cell_hours as (
    select kind, name, bucket, calls
    from rollup.tool_hour_figures
    where bucket >= from_hour and bucket < to_hour
  ),
  fact_measures as (
    select
      row(tenant_id, hour, kind, name, rollup.key_of(measure))::text as cell,
      row(
        count(*), sum(figure::text::numeric), min(figure::text::numeric), max(figure::text::numeric)
      )::text as figures
    from counted
    cross join lateral jsonb_each(measures) as business (measure, figure)
    where jsonb_typeof(figure) = 'number'
    group by tenant_id, hour, kind, name, rollup.key_of(measure)
  ),
  cell_measures as (
    select
      row(tenant_id, bucket, kind, name, measure)::text as cell,
      row(times, total, lowest, highest)::text as figures
    from rollup.measure_hour
    where bucket >= from_hour and bucket < to_hour
  ),
  -- Over all groups: those in which a failure is counted change, with how many there are.
  fact_errors as (
    select
      row(tenant_id, hour, kind, error_code, fault)::text as cell,
      row(count(*), min(started_at), max(started_at), max(version))::text as figures
    from counted
    where not success
    group by tenant_id, hour, kind, error_code, fault
  ),
  cell_errors as (
    select
      row(tenant_id, bucket, kind, error_code, fault)::text as cell,
      row(sum(calls), min(first_seen_at), max(last_seen_at), max(last_version))::text as figures
    from rollup.error_hour
    where bucket >= from_hour and bucket < to_hour
    group by tenant_id, bucket, kind, error_code, fault
  ),
  fact_requests as (
    select
      row(
        tenant_id, hour, http_method, coalesce(admitted_names.name, '_OTHER'), http_status, not success
      )::text as cell,
      row(count(*), sum(duration_us))::text as figures
    from counted
    left join rollup.admitted_names on namespace = 'path' and admitted_names.name = http_path
    where kind = 'http' and hour >= (select metadata_from from rollup.progress)
    group by tenant_id, hour, http_method, coalesce(admitted_names.name, '_OTHER'), http_status, success
  ),
  cell_requests as (
    select row(tenant_id, bucket, method, path, status, failed)::text as cell, row(calls, total_us)::text as figures
    from rollup.http_hour
    where bucket >= from_hour and bucket < to_hour and bucket >= (select metadata_from from rollup.progress)
  ),
  fact_providers as (
    select
      row(tenant_id, hour, made.provider)::text as cell,
      row(sum(made.calls), sum(made.failed), sum(made.total_us))::text as figures
    from counted
    cross join lateral rollup.provider_calls(metadata) as made
    where hour >= (select metadata_from from rollup.progress)
    group by tenant_id, hour, made.provider
  ),
  cell_providers as (
    select row(tenant_id, bucket, provider)::text as cell, row(calls, failed, total_us)::text as figures
    from rollup.provider_hour
    where bucket >= from_hour and bucket < to_hour and bucket >= (select metadata_from from rollup.progress)
  )
  select
    in_table, row(tenant_id, bucket, kind, name, error_code, fault, cold_start)::text,
    fact_figures.figures, cell_figures.figures
  from fact_figures
  full join cell_figures using (in_table, tenant_id, bucket, kind, name, error_code, fault, cold_start)
  where fact_figures.figures is distinct from cell_figures.figures
  union all
  select
    in_table || '.histogram', row(tenant_id, bucket, kind, name, error_code, fault, cold_start, slot)::text,
    fact_slots.times::text, cell_slots.times::text
  from fact_slots
  full join cell_slots using (in_table, tenant_id, bucket, kind, name, error_code, fault, cold_start, slot)
  where fact_slots.times is distinct from cell_slots.times
  union all
  select 'tool_hour_figures', row(kind, name, bucket)::text, fact_hours.calls::text, cell_hours.calls::text
  from fact_hours
  full join cell_hours using (kind, name, bucket)
  where fact_hours.calls is distinct from cell_hours.calls
  union all
  select 'measure_hour', cell, fact_measures.figures, cell_measures.figures
  from fact_measures
  full join cell_measures using (cell)
  where fact_measures.figures is distinct from cell_measures.figures
  union all
  select 'error_hour', cell, fact_errors.figures, cell_errors.figures
  from fact_errors
  full join cell_errors using (cell)
  where fact_errors.figures is distinct from cell_errors.figures
  union all
  select 'http_hour', cell, fact_requests.figures, cell_requests.figures
  from fact_requests
  full join cell_requests using (cell)
  where fact_requests.figures is distinct from cell_requests.figures
  union all
  select 'provider_hour', cell, fact_providers.figures, cell_providers.figures
  from fact_providers
  full join cell_providers using (cell)
  where fact_providers.figures is distinct from cell_providers.figures
$$;

grant execute on function rollup.differences(timestamptz, timestamptz) to toolwatch_operator;
