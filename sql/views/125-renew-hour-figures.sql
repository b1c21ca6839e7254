-- Computes the figures of these hours anew, from their cells.
create function rollup.renew_hour_figures(hours timestamptz[]) returns void
language sql set search_path = ''
as $$
  with elements as (
    select kind, name, bucket, error_code, fault, cold_start, unnest(histogram) as element
    from rollup.tool_hour
    where bucket = any (hours)
  ),
  slots as (
    select
      kind, name, bucket, (element >> 32)::integer as slot,
      sum((element & 4294967295)::integer)::integer as calls,
      coalesce(sum((element & 4294967295)::integer) filter (where error_code = ''), 0)::integer as succeeded,
      coalesce(sum((element & 4294967295)::integer) filter (where fault = 'caller'), 0)::integer as caller_failed,
      coalesce(sum((element & 4294967295)::integer) filter (where error_code = 'TIMEOUT'), 0)::integer as timed_out,
      coalesce(sum((element & 4294967295)::integer) filter (where cold_start), 0)::integer as cold
    from elements
    group by 1, 2, 3, 4
  ),
  totals as (
    select kind, name, bucket, sum(calls) as calls, sum(succeeded) as succeeded, sum(caller_failed) as caller_failed,
      sum(timed_out) as timed_out, sum(cold) as cold
    from slots
    group by 1, 2, 3
  ),
  running as (
    select kind, name, bucket, slot, sum(calls) over upto as calls_upto, sum(succeeded) over upto as succeeded_upto
    from slots
    window upto as (partition by kind, name, bucket order by slot)
  ),
  neighbours as (
    select
      kind, name, bucket,
      min(slot) filter (where succeeded_upto > floor(0.50::float8 * (succeeded - 1))) as p50_below,
      min(slot) filter (where succeeded_upto > ceil(0.50::float8 * (succeeded - 1))) as p50_above,
      min(slot) filter (where succeeded_upto > floor(0.95::float8 * (succeeded - 1))) as p95_below,
      min(slot) filter (where succeeded_upto > ceil(0.95::float8 * (succeeded - 1))) as p95_above,
      min(slot) filter (where succeeded_upto > floor(0.99::float8 * (succeeded - 1))) as p99_below,
      min(slot) filter (where succeeded_upto > ceil(0.99::float8 * (succeeded - 1))) as p99_above,
      min(slot) filter (where calls_upto > floor(0.95::float8 * (calls - 1))) as p95_all_below,
      min(slot) filter (where calls_upto > ceil(0.95::float8 * (calls - 1))) as p95_all_above
    from running
    join totals using (kind, name, bucket)
    group by 1, 2, 3
  )
  insert into rollup.tool_hour_figures
  select
    kind, name, bucket, calls, calls - succeeded, caller_failed, timed_out, cold,
    rollup.interpolate(0.50, succeeded, p50_below, p50_above),
    rollup.interpolate(0.95, succeeded, p95_below, p95_above),
    rollup.interpolate(0.99, succeeded, p99_below, p99_above),
    rollup.interpolate(0.95, calls, p95_all_below, p95_all_above)
  from totals
  join neighbours using (kind, name, bucket)
  on conflict (kind, name, bucket) do update set
    calls = excluded.calls,
    failed = excluded.failed,
    caller_failed = excluded.caller_failed,
    timed_out = excluded.timed_out,
    cold = excluded.cold,
    p50_ms = excluded.p50_ms,
    p95_ms = excluded.p95_ms,
    p99_ms = excluded.p99_ms,
    p95_all_ms = excluded.p95_all_ms
$$;
