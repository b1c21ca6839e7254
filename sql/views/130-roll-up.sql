-- Turns noted batches into roll-ups, each exactly once: the note goes and the counts come in one transaction.
-- Answers how many calls it counted; 0 when nothing waits.
create function rollup.roll_up(most_batches integer default 2000) returns bigint
language plpgsql security definer set search_path = '' set jit = off
as $$
declare
  batches bigint[];
  first_batch bigint;
  last_batch bigint;
  first_moment timestamptz;
  last_moment timestamptz;
  expected bigint;
begin
  -- One at a time: two would upsert the same cells in different orders.
  perform pg_advisory_xact_lock(hashtext('rollup.roll_up'));

  with next_batches as (
    select batch_id from rollup.pending_batches order by batch_id limit most_batches
  ),
  taken as (
    delete from rollup.pending_batches
    using next_batches
    where pending_batches.batch_id = next_batches.batch_id
    returning pending_batches.*
  )
  select array_agg(batch_id), min(batch_id), max(batch_id), min(first_started_at), max(last_started_at), sum(calls)
  into batches, first_batch, last_batch, first_moment, last_moment, expected
  from taken;
  if batches is null then
    return 0;
  end if;

  with calls as materialized (
    select
      date_bin('5 minutes', started_at, timestamptz 'epoch') as bucket,
      tenant_id, kind, name,
      case when success then '' else coalesce(error_code, 'INTERNAL_ERROR') end as error_code,
      case when success then '' else coalesce(fault, 'ours') end as fault,
      cold_start,
      rollup.bucket_of(duration_ms) as slot,
      count(*)::integer as calls,
      sum(round(duration_ms * 1000)::bigint) as total_us,
      min(duration_ms) as min_ms,
      max(duration_ms) as max_ms,
      sum(attempts - 1) as retries,
      coalesce(sum(request_bytes), 0) as request_bytes,
      coalesce(sum(response_bytes), 0) as response_bytes,
      coalesce(sum(cost_usd::numeric), 0) as cost_usd,
      min(started_at) as first_started_at,
      max(started_at) as last_started_at
    from analytics.invocations
    where started_at between first_moment and last_moment
      and batch_id between first_batch and last_batch
      and batch_id = any (batches)
    group by 1, 2, 3, 4, 5, 6, 7, 8
  ),
  by_tool as materialized (
    select
      bucket, kind, name, error_code, fault, cold_start, slot,
      sum(calls)::integer as calls, sum(total_us) as total_us, min(min_ms) as min_ms, max(max_ms) as max_ms,
      sum(retries) as retries, sum(request_bytes) as request_bytes, sum(response_bytes) as response_bytes,
      sum(cost_usd) as cost_usd, max(last_started_at) as last_started_at
    from calls
    group by 1, 2, 3, 4, 5, 6, 7
  ),
  in_five_minutes as (
    insert into rollup.tool_5m as cell
    select
      bucket, kind, name, error_code, fault, cold_start,
      sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
      sum(request_bytes), sum(response_bytes), sum(cost_usd), max(last_started_at),
      array_agg((slot::bigint << 32) + calls order by slot)
    from by_tool
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
  ),
  in_hours as (
    insert into rollup.tool_hour as cell
    select
      hour, kind, name, error_code, fault, cold_start,
      sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
      sum(request_bytes), sum(response_bytes), sum(cost_usd), max(last_started_at),
      array_agg((slot::bigint << 32) + calls order by slot)
    from (
      select
        date_bin('1 hour', bucket, timestamptz 'epoch') as hour, kind, name, error_code, fault, cold_start, slot,
        sum(calls) as calls, sum(total_us) as total_us, min(min_ms) as min_ms, max(max_ms) as max_ms,
        sum(retries) as retries, sum(request_bytes) as request_bytes, sum(response_bytes) as response_bytes,
        sum(cost_usd) as cost_usd, max(last_started_at) as last_started_at
      from by_tool
      group by 1, 2, 3, 4, 5, 6, 7
    ) as hourly
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
  ),
  in_tenants_hours as (
    insert into rollup.tenant_hour as cell
    select
      tenant_id, date_bin('1 hour', bucket, timestamptz 'epoch'), kind, name, error_code, fault, cold_start,
      sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
      sum(request_bytes), sum(response_bytes), sum(cost_usd), max(last_started_at),
      array_agg((slot::bigint << 32) + calls order by slot)
    from calls
    group by 1, 2, 3, 4, 5, 6, 7
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
      -- There are many such cells and few readers of each: merge only what has grown.
      histogram = case
        when cardinality(cell.histogram) + cardinality(excluded.histogram) > 400
          then rollup.merge(cell.histogram, excluded.histogram)
        else cell.histogram || excluded.histogram
      end
  ),
  seen_tenants as (
    insert into rollup.tenants as known
    select tenant_id, min(first_started_at), max(last_started_at)
    from calls
    group by 1
    on conflict (tenant_id) do update set
      first_called_at = least(known.first_called_at, excluded.first_called_at),
      last_called_at = greatest(known.last_called_at, excluded.last_called_at)
  ),
  -- A row that went missing between note and roll-up means a damaged store: fail, and count nothing.
  checked as (
    select sum(calls) as counted from calls
  )
  select expected - coalesce(counted, 0) into strict last_batch from checked;
  if last_batch <> 0 then
    raise exception 'batches % note % calls more than are stored', batches, last_batch;
  end if;
  update rollup.progress set counted = counted + expected;
  return expected;
end
$$;

grant execute on function rollup.roll_up(integer) to toolwatch_refresher;
grant usage on schema rollup to toolwatch_refresher;
