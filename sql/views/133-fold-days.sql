-- Keeps roll-ups in bounds: five-minute cells of the last eight days, hours of so many days, and of the days before that one
-- cell a day. What is folded moves, so it is counted in one place. Only days whose facts are gone: nothing is added to them.
-- Answers how many cells were folded.
create function rollup.fold_days(hours_kept_days integer) returns bigint
language plpgsql security definer set search_path = '' set jit = off
as $$
declare
  kept_from timestamptz := least(
    ((analytics.clock() at time zone 'UTC')::date - hours_kept_days)::timestamp at time zone 'UTC',
    (select dropped_before from analytics.horizon));
  folded bigint;
  more bigint;
begin
  perform pg_advisory_xact_lock(hashtext('rollup.roll_up'));
  delete from rollup.tool_5m where bucket < rollup.five_minutes_kept_from();

  delete from rollup.tool_hour_figures where bucket < kept_from;

  with gone as (
    delete from rollup.tool_hour where bucket < kept_from returning *
  ),
  days as (
    insert into rollup.tool_day as day
    select
      date_bin('1 day', bucket, timestamptz 'epoch'), kind, name, error_code, fault, cold_start,
      sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
      sum(request_bytes), sum(response_bytes), sum(cost_usd), max(last_started_at),
      rollup.merge(rollup.gathered(histogram), '{}')
    from gone
    group by 1, 2, 3, 4, 5, 6
  )
  select count(*) into folded from gone;

  with gone as (
    delete from rollup.tenant_hour where bucket < kept_from returning *
  ),
  days as (
    insert into rollup.tenant_day as day
    select
      tenant_id, date_bin('1 day', bucket, timestamptz 'epoch'), kind, name, error_code, fault, cold_start,
      sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
      sum(request_bytes), sum(response_bytes), sum(cost_usd), max(last_started_at),
      rollup.merge(rollup.gathered(histogram), '{}')
    from gone
    group by 1, 2, 3, 4, 5, 6, 7
  )
  select count(*) into more from gone;
  return folded + more;
end
$$;

grant execute on function rollup.fold_days(integer) to toolwatch_retention;
grant usage on schema rollup to toolwatch_retention;
