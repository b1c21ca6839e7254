-- Each tool by the hour. Filter by tool and by hour, or all of it is read. Percentiles cover successes; p95_all_ms
-- covers every call.
create view analytics.tool_hourly with (security_barrier) as
select
  name as tool_name,
  bucket as hour,
  calls as total_invocations,
  failed as error_count,
  caller_failed as caller_error_count,
  timed_out as timeout_count,
  cold as cold_start_count,
  round(100.0 * failed / calls, 2) as error_rate_pct,
  p50_ms,
  p95_ms,
  p99_ms,
  p95_all_ms
from rollup.tool_hour_figures
where kind = 'tool' and (select shows_all_calls from rollup.visibility)
union all
select
  tool_name,
  hour,
  calls as total_invocations,
  failed as error_count,
  caller_failed as caller_error_count,
  timed_out as timeout_count,
  cold as cold_start_count,
  round(100.0 * failed / calls, 2) as error_rate_pct,
  rollup.interpolate(0.50, succeeded, p50_below, p50_above) as p50_ms,
  rollup.interpolate(0.95, succeeded, p95_below, p95_above) as p95_ms,
  rollup.interpolate(0.99, succeeded, p99_below, p99_above) as p99_ms,
  rollup.interpolate(0.95, calls, p95_all_below, p95_all_above) as p95_all_ms
from (
  select
    tool_name, hour, calls, failed, caller_failed, timed_out, cold, succeeded,
    min(slot) filter (where succeeded_upto > floor(0.50::float8 * (succeeded - 1))) as p50_below,
    min(slot) filter (where succeeded_upto > ceil(0.50::float8 * (succeeded - 1))) as p50_above,
    min(slot) filter (where succeeded_upto > floor(0.95::float8 * (succeeded - 1))) as p95_below,
    min(slot) filter (where succeeded_upto > ceil(0.95::float8 * (succeeded - 1))) as p95_above,
    min(slot) filter (where succeeded_upto > floor(0.99::float8 * (succeeded - 1))) as p99_below,
    min(slot) filter (where succeeded_upto > ceil(0.99::float8 * (succeeded - 1))) as p99_above,
    min(slot) filter (where calls_upto > floor(0.95::float8 * (calls - 1))) as p95_all_below,
    min(slot) filter (where calls_upto > ceil(0.95::float8 * (calls - 1))) as p95_all_above
  from (
    select
      tool_name, hour, slot,
      (sum(calls) over upto)::bigint as calls_upto,
      (sum(succeeded) over upto)::bigint as succeeded_upto,
      (sum(calls) over tool_hour)::bigint as calls,
      (sum(succeeded) over tool_hour)::bigint as succeeded,
      (sum(calls - succeeded) over tool_hour)::bigint as failed,
      (sum(caller_failed) over tool_hour)::bigint as caller_failed,
      (sum(timed_out) over tool_hour)::bigint as timed_out,
      (sum(cold) over tool_hour)::bigint as cold
    from (
      select
        name as tool_name, bucket as hour, slot,
        sum(calls)::integer as calls,
        coalesce(sum(calls) filter (where error_code = ''), 0)::integer as succeeded,
        coalesce(sum(calls) filter (where fault = 'caller'), 0)::integer as caller_failed,
        coalesce(sum(calls) filter (where error_code = 'TIMEOUT'), 0)::integer as timed_out,
        coalesce(sum(calls) filter (where cold_start), 0)::integer as cold
      from (
        select name, bucket, error_code, fault, cold_start,
          (element >> 32)::integer as slot, (element & 4294967295)::integer as calls
        from (
          select name, bucket, error_code, fault, cold_start, unnest(histogram) as element
          from rollup.tenant_hour
          where kind = 'tool' and tenant_id = (select analytics.scope())
            and (select shows_own_calls from rollup.visibility)
        ) as elements
      ) as counted
      group by name, bucket, slot
    ) as slots
    window
      upto as (partition by tool_name, hour order by slot),
      tool_hour as (partition by tool_name, hour)
  ) as running
  group by tool_name, hour, calls, failed, caller_failed, timed_out, cold, succeeded
) as neighbours;

grant select on analytics.tool_hourly to toolwatch_reader, toolwatch_operator;
