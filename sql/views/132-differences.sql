-- Where roll-ups are not what the facts say, over a stretch of whole hours, calls of waiting batches left out.
-- No row means that they agree: calls, time, extremes, retries, bytes, cost, histograms, business figures, error groups.
create function rollup.differences(from_hour timestamptz, to_hour timestamptz)
returns table (rolled_up_in text, cell text, facts text, rolled_up text)
language sql stable security definer set search_path = '' set jit = off set work_mem = '64MB'
as $$
  with counted as materialized (
    select * from rollup.calls
    where started_at >= from_hour and started_at < to_hour
      and batch_id not in (select batch_id from rollup.pending_batches)
  ),
  fact_figures as (
    select
      date_bin('5 minutes', started_at, timestamptz 'epoch') as bucket, '' as tenant_id, 'tool_5m' as grain,
      kind, name, error_code, fault, cold_start,
      row(count(*), sum(duration_us), min(duration_ms), max(duration_ms), sum(retries), coalesce(sum(request_bytes), 0),
        coalesce(sum(response_bytes), 0), coalesce(sum(cost_usd), 0), max(started_at))::text as figures
    from counted where started_at >= rollup.five_minutes_kept_from() group by 1, 4, 5, 6, 7, 8
    union all
    select
      date_bin('1 hour', started_at, timestamptz 'epoch'), '', 'tool_hour', kind, name, error_code, fault, cold_start,
      row(count(*), sum(duration_us), min(duration_ms), max(duration_ms), sum(retries), coalesce(sum(request_bytes), 0),
        coalesce(sum(response_bytes), 0), coalesce(sum(cost_usd), 0), max(started_at))::text
    from counted group by 1, 4, 5, 6, 7, 8
    union all
    select
      date_bin('1 hour', started_at, timestamptz 'epoch'), tenant_id, 'tenant_hour', kind, name, error_code, fault, cold_start,
      row(count(*), sum(duration_us), min(duration_ms), max(duration_ms), sum(retries), coalesce(sum(request_bytes), 0),
        coalesce(sum(response_bytes), 0), coalesce(sum(cost_usd), 0), max(started_at))::text
    from counted group by 1, 2, 4, 5, 6, 7, 8
  ),
  fact_slots as (
    select date_bin('5 minutes', started_at, timestamptz 'epoch') as bucket, '' as tenant_id, 'tool_5m' as grain,
      kind, name, error_code, fault, cold_start, slot, count(*) as times
    from counted where started_at >= rollup.five_minutes_kept_from() group by 1, 4, 5, 6, 7, 8, 9
    union all
    select date_bin('1 hour', started_at, timestamptz 'epoch'), '', 'tool_hour',
      kind, name, error_code, fault, cold_start, slot, count(*)
    from counted group by 1, 4, 5, 6, 7, 8, 9
    union all
    select date_bin('1 hour', started_at, timestamptz 'epoch'), tenant_id, 'tenant_hour',
      kind, name, error_code, fault, cold_start, slot, count(*)
    from counted group by 1, 2, 4, 5, 6, 7, 8, 9
  ),
  cells as (
    select 'tool_5m' as grain, '' as tenant_id, tool_5m.* from rollup.tool_5m where bucket >= rollup.five_minutes_kept_from()
    union all select 'tool_hour', '', tool_hour.* from rollup.tool_hour
    union all
    select 'tenant_hour', tenant_id, bucket, kind, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms,
      retries, request_bytes, response_bytes, cost_usd, last_started_at, histogram
    from rollup.tenant_hour
  ),
  cell_figures as (
    select bucket, tenant_id, grain, kind, name, error_code, fault, cold_start,
      row(calls, total_us, min_ms, max_ms, retries, request_bytes, response_bytes, cost_usd, last_started_at)::text as figures
    from cells
    where bucket >= from_hour and bucket < to_hour
  ),
  cell_slots as (
    select bucket, tenant_id, grain, kind, name, error_code, fault, cold_start,
      (element >> 32)::integer as slot, sum(element & 4294967295)::bigint as times
    from cells
    cross join lateral unnest(histogram) as element
    where bucket >= from_hour and bucket < to_hour
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
  ),
  fact_measures as (
    select row(tenant_id, date_bin('1 hour', started_at, timestamptz 'epoch'), kind, name, measure)::text as cell,
      row(count(*), sum(figure::numeric), min(figure::numeric), max(figure::numeric))::text as figures
    from counted
    cross join lateral jsonb_each_text(measures) as business (measure, figure)
    group by tenant_id, date_bin('1 hour', started_at, timestamptz 'epoch'), kind, name, measure
  ),
  cell_measures as (
    select row(tenant_id, bucket, kind, name, measure)::text as cell, row(times, total, lowest, highest)::text as figures
    from rollup.measure_hour
    where bucket >= from_hour and bucket < to_hour
  ),
  fact_errors as (
    select row(tenant_id, date_bin('1 hour', started_at, timestamptz 'epoch'), kind, name, fingerprint, error_code, fault)::text as cell,
      row(count(*), min(started_at), max(started_at), max(version))::text as figures
    from counted
    where not success
    group by tenant_id, date_bin('1 hour', started_at, timestamptz 'epoch'), kind, name, fingerprint, error_code, fault
  ),
  cell_errors as (
    select row(tenant_id, bucket, kind, name, fingerprint, error_code, fault)::text as cell,
      row(calls, first_seen_at, last_seen_at, last_version)::text as figures
    from rollup.error_hour
    where bucket >= from_hour and bucket < to_hour
  )
  select grain, row(tenant_id, bucket, kind, name, error_code, fault, cold_start)::text, fact_figures.figures, cell_figures.figures
  from fact_figures full join cell_figures using (grain, tenant_id, bucket, kind, name, error_code, fault, cold_start)
  where fact_figures.figures is distinct from cell_figures.figures
  union all
  select grain || '.histogram', row(tenant_id, bucket, kind, name, error_code, fault, cold_start, slot)::text,
    fact_slots.times::text, cell_slots.times::text
  from fact_slots full join cell_slots using (grain, tenant_id, bucket, kind, name, error_code, fault, cold_start, slot)
  where fact_slots.times is distinct from cell_slots.times
  union all
  select 'tool_hour_figures', row(kind, name, bucket)::text, hours.calls::text, tool_hour_figures.calls::text
  from (
    select kind, name, date_bin('1 hour', started_at, timestamptz 'epoch') as bucket, count(*) as calls from counted group by 1, 2, 3
  ) as hours
  full join (select * from rollup.tool_hour_figures where bucket >= from_hour and bucket < to_hour) as tool_hour_figures
    using (kind, name, bucket)
  where hours.calls is distinct from tool_hour_figures.calls
  union all
  select 'measure_hour', cell, fact_measures.figures, cell_measures.figures
  from fact_measures full join cell_measures using (cell)
  where fact_measures.figures is distinct from cell_measures.figures
  union all
  select 'error_hour', cell, fact_errors.figures, cell_errors.figures
  from fact_errors full join cell_errors using (cell)
  where fact_errors.figures is distinct from cell_errors.figures
$$;

grant execute on function rollup.differences(timestamptz, timestamptz) to toolwatch_operator;
