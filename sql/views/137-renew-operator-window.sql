-- Merges the hours of the window: once an hour, and again after a late call was counted into one of them.
-- While there is no window, views read the same figures from the hourly cells, more slowly.
create function rollup.renew_operator_window() returns void
language plpgsql security definer set search_path = '' set jit = off
as $$
declare
  bounds rollup.bounds_24h;
begin
  -- Roll-up must not add to these hours while they are merged.
  perform rollup.lock_roll_ups('5 seconds');
  select * into bounds from rollup.bounds_24h;
  if exists (select from rollup.operator_window where bucket = bounds.first_hour) then
    return;
  end if;
  delete from rollup.operator_window;
  insert into rollup.operator_window
  select
    bounds.first_hour, kind, name, error_code, fault, cold_start,
    sum(calls), sum(total_us), min(min_ms), max(max_ms), sum(retries),
    sum(request_bytes), sum(response_bytes), sum(cost_usd), max(last_started_at),
    rollup.merge(rollup.concat_agg(histogram), '{}')
  from rollup.tool_hour
  where bucket >= bounds.first_hour and bucket < bounds.window_until
  group by kind, name, error_code, fault, cold_start;
end
$$;
