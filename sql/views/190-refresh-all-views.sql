-- Rolls up what waits and refreshes the materialized views, each logged with its time and error; one that fails stops no other.
-- Skips them when nothing is new and nothing has grown too old. Answers its lines of the log; none when another refresh runs.
create function analytics.refresh_all_views() returns setof analytics.refresh_log
language plpgsql security definer set search_path = '' set jit = off
as $$
declare
  seen bigint;
  failures integer := 0;
  last_refresh timestamptz;
  nothing_new boolean;
  view_name text;
  began timestamptz;
  how text;
  problem text;
  line analytics.refresh_log;
begin
  if not pg_try_advisory_xact_lock(hashtext('analytics.refresh')) then
    return;
  end if;

  began := clock_timestamp();
  how := 'refreshed';
  problem := null;
  begin
    while rollup.roll_up() > 0 loop
    end loop;
    perform rollup.renew_house_window();
  exception when others then
    how := 'failed';
    problem := sqlerrm;
  end;
  return query
    insert into analytics.refresh_log (view_name, started_at, duration_ms, outcome, error)
    values ('roll_up', began, extract(epoch from clock_timestamp() - began) * 1000, how, problem)
    returning *;

  select max(started_at) into last_refresh
  from analytics.refresh_log
  where refresh_log.view_name <> 'roll_up' and outcome <> 'failed';
  -- Cells that the last refresh still counted and this one no longer would.
  select counted into seen from rollup.progress;
  nothing_new := last_refresh is not null and seen = (select shown from rollup.progress) and not exists (
    select from rollup.tool_5m
    where bucket >= date_bin('5 minutes', last_refresh - interval '24 hours', timestamptz 'epoch')
      and bucket < date_bin('5 minutes', analytics.clock() - interval '24 hours', timestamptz 'epoch')
  );

  foreach view_name in array array[
    'analytics.tool_error_rate_24h', 'analytics.tool_latency_p50_p95_24h',
    'analytics.mv_webhook_performance', 'analytics.mv_rule_performance'
  ] loop
    began := clock_timestamp();
    how := case when nothing_new then 'skipped' else 'refreshed' end;
    problem := null;
    begin
      if not nothing_new then
        execute 'refresh materialized view concurrently ' || view_name;
      end if;
    exception when others then
      how := 'failed';
      problem := sqlerrm;
      failures := failures + 1;
    end;
    insert into analytics.refresh_log (view_name, started_at, duration_ms, outcome, error)
    values (view_name, began, extract(epoch from clock_timestamp() - began) * 1000, how, problem)
    returning * into line;
    return next line;
  end loop;
  if failures = 0 then
    update rollup.progress set shown = seen where shown <> seen;
  end if;
end
$$;

grant execute on function analytics.refresh_all_views() to toolwatch_refresher, toolwatch_operator;
