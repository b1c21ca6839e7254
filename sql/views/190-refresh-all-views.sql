-- Rolls up pending batches, for at most a minute, and refreshes the materialized views. Logs each step with its duration
-- and error; a step that fails does not stop the others. Skips the views when no call was counted and none has become
-- older than 24 hours since the last refresh. Returns its rows of the log. Raises lock_not_available when another
-- transaction counts or refreshes for too long.
create function analytics.refresh_all_views() returns setof analytics.refresh_log
language plpgsql security definer set search_path = '' set jit = off
as $$
declare
  counted_calls bigint;
  failed_views integer := 0;
  last_refresh timestamptz;
  nothing_new boolean;
  view_name text;
  began_at timestamptz;
  step_outcome text;
  step_error text;
  log_row analytics.refresh_log;
begin
  perform rollup.lock_roll_ups('5 seconds');

  began_at := clock_timestamp();
  step_outcome := 'refreshed';
  step_error := null;
  begin
    while rollup.roll_up() > 0 and clock_timestamp() < began_at + interval '1 minute' loop
    end loop;
    perform rollup.renew_operator_window();
  exception when others then
    step_outcome := 'failed';
    step_error := sqlstate || ': ' || sqlerrm;
  end;
  return query
    insert into analytics.refresh_log (view_name, started_at, duration_ms, outcome, error)
    values (
      'roll_up', began_at, extract(epoch from clock_timestamp() - began_at) * 1000, step_outcome, step_error
    )
    returning *;

  select max(started_at) into last_refresh
  from analytics.refresh_log
  where refresh_log.view_name <> 'roll_up' and outcome <> 'failed';
  -- Something has become too old when there are cells that the last refresh included and this one would not.
  select counted into counted_calls from rollup.progress;
  nothing_new := last_refresh is not null and counted_calls = (select shown from rollup.progress) and not exists (
    select from rollup.tool_5m
    where bucket >= date_bin('5 minutes', last_refresh - interval '24 hours', timestamptz 'epoch')
      and bucket < date_bin('5 minutes', analytics.clock() - interval '24 hours', timestamptz 'epoch')
  );

  foreach view_name in array array[
    'analytics.tool_error_rate_24h', 'analytics.tool_latency_p50_p95_24h',
    'analytics.mv_webhook_performance', 'analytics.mv_rule_performance'
  ] loop
    began_at := clock_timestamp();
    step_outcome := case when nothing_new then 'skipped' else 'refreshed' end;
    step_error := null;
    begin
      if not nothing_new then
        execute 'refresh materialized view concurrently ' || view_name;
      end if;
    exception when others then
      step_outcome := 'failed';
      step_error := sqlstate || ': ' || sqlerrm;
      failed_views := failed_views + 1;
    end;
    insert into analytics.refresh_log (view_name, started_at, duration_ms, outcome, error)
    values (
      view_name, began_at, extract(epoch from clock_timestamp() - began_at) * 1000, step_outcome, step_error
    )
    returning * into log_row;
    return next log_row;
  end loop;
  if failed_views = 0 then
    update rollup.progress set shown = counted_calls where shown <> counted_calls;
  end if;
end
$$;

grant execute on function analytics.refresh_all_views() to toolwatch_refresher, toolwatch_operator;
