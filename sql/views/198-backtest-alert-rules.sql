-- Whether a rule would have held, over the stored history. Only for the operator: it reads what all tenants called.

-- Which history there is for a backtest of so many days: how long a step is, and the first and the last of them. By
-- five minutes where the rule is evaluated so and that is retained; else by the hour.
create function rollup.backtest_span(
  rule jsonb, days integer, out step interval, out since timestamptz, out until timestamptz
)
language plpgsql stable security definer set search_path = ''
as $$
declare
  asked constant timestamptz := analytics.clock() - make_interval(days => days);
  oldest constant timestamptz := coalesce((select min(bucket) from rollup.tool_hour), analytics.clock());
  fine_from constant timestamptz := rollup.five_minutes_retained_from();
  is_by_minutes constant boolean := rollup.alert_rule_source(rule) in ('calls', 'last_calls')
    and not rollup.is_of_tenants(rule)
    and (rollup.alert_rule_source(rule) = 'last_calls' or rollup.alert_rule_grain(rule) < interval '1 hour');
  is_short constant boolean := rollup.alert_rule_window(rule) < interval '1 hour'
    and rollup.alert_rule_source(rule) = 'calls';
begin
  if analytics.scope() is distinct from '*' then
    raise exception 'only the operator may read this' using errcode = 'insufficient_privilege';
  end if;
  step := case
    when is_by_minutes and (is_short or asked >= fine_from) then interval '5 minutes'
    else interval '1 hour'
  end;
  since := date_bin(step, greatest(asked, oldest, case when step < interval '1 hour' then fine_from else asked end),
    timestamptz 'epoch');
  until := date_bin(step, analytics.clock(), timestamptz 'epoch');
end
$$;

-- Of each step, and of each name or tenant for which the rule is evaluated, how often it had failed in a row, and when
-- the last call and the last success were.
create function rollup.backtest_last_calls(rule jsonb, step interval, since timestamptz, until timestamptz)
returns table (tenant_id text, call_name text, at timestamptz, figure double precision)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
  set enable_mergejoin = off set work_mem = '64MB' set jit = off
as $$
declare
  of_kind constant text := coalesce(rule #>> '{scope,kind}', 'tool');
  of_name constant text := rule #>> '{scope,name}';
  of_tenant constant text := rule #>> '{scope,tenant}';
  by_name constant boolean := rule -> 'each' ? 'name';
  by_tenant constant boolean := rule -> 'each' ? 'tenant';
begin
  return query
    with cells as materialized (
      select cell.tenant_id, cell.name, cell.bucket, cell.error_code, cell.fault, cell.calls, cell.last_started_at
      from rollup.tenant_hour as cell
      where rollup.is_of_tenants(rule) and cell.bucket >= since and cell.bucket < until and cell.kind = of_kind
        and (of_name is null or cell.name = of_name) and (of_tenant is null or cell.tenant_id = of_tenant)
        and cell.name <> '_metrics' and not rollup.is_evaluation(cell.kind, cell.name)
      union all
      select '', cell.name, cell.bucket, cell.error_code, cell.fault, cell.calls, cell.last_started_at
      from rollup.tool_hour as cell
      where not rollup.is_of_tenants(rule) and step = interval '1 hour' and cell.bucket >= since and cell.bucket < until
        and cell.kind = of_kind and (of_name is null or cell.name = of_name)
        and cell.name <> '_metrics' and not rollup.is_evaluation(cell.kind, cell.name)
      union all
      select '', cell.name, cell.bucket, cell.error_code, cell.fault, cell.calls, cell.last_started_at
      from rollup.tool_5m as cell
      where not rollup.is_of_tenants(rule) and step < interval '1 hour' and cell.bucket >= since and cell.bucket < until
        and cell.kind = of_kind and (of_name is null or cell.name = of_name)
        and cell.name <> '_metrics' and not rollup.is_evaluation(cell.kind, cell.name)
    ),
    successes as (
      select cells.tenant_id, cells.name, bucket, max(last_started_at) as last_success_at
      from cells
      where error_code = ''
      group by 1, 2, 3
    ),
    buckets as (
      select
        cells.tenant_id, cells.name, cells.bucket, max(last_started_at) as last_call_at,
        min(last_success_at) as last_success_at,
        coalesce(sum(case when last_success_at is null then calls else 1 end) filter (
          where fault not in ('', 'caller') and (last_success_at is null or last_started_at > last_success_at)
        ), 0) as failures
      from cells
      left join successes on successes.tenant_id = cells.tenant_id and successes.name = cells.name
        and successes.bucket = cells.bucket
      group by 1, 2, 3
    ),
    names as (
      select buckets.tenant_id, buckets.name, min(bucket) as first_call_at
      from buckets
      group by 1, 2
      order by count(*) desc, 1, 2
      limit 100
    ),
    steps as (
      select
        names.tenant_id, names.name, first_call_at, step_at, failures,
        max(last_call_at) over upto as last_call_at, max(last_success_at) over upto as last_success_at,
        count(last_success_at) over upto as streak
      from names
      cross join lateral generate_series(first_call_at, until - step, step) as step_at
      left join buckets on buckets.tenant_id = names.tenant_id and buckets.name = names.name and bucket = step_at
      window upto as (partition by names.tenant_id, names.name order by step_at)
    ),
    figures as (
      select
        steps.tenant_id, steps.name, step_at,
        case rule ->> 'figure'
          when 'consecutive_failures' then (
            sum(failures) over (partition by steps.tenant_id, steps.name, streak order by step_at)
          )::double precision
          when 'minutes_since_call' then extract(epoch from step_at + step - last_call_at)::double precision / 60
          else extract(epoch from step_at + step - coalesce(last_success_at, first_call_at))::double precision / 60
        end as figure
      from steps
    )
    select
      case when by_tenant then figures.tenant_id else coalesce(of_tenant, '') end,
      case when by_name then figures.name else coalesce(of_name, '') end,
      step_at,
      case when rule ->> 'figure' = 'consecutive_failures' then max(figures.figure) else min(figures.figure) end
    from figures
    group by 1, 2, 3;
end
$$;

-- The same for a rule that looks back for a window: of each step its figure, where there were calls enough. The window
-- of a step is what an evaluation during it reads; in steps longer than those cells, the steps that add up to the window.
-- Figures of histograms take long, so the more steps there are, the fewer names or tenants have some.
create function rollup.backtest_windows(rule jsonb, step interval, since timestamptz, until timestamptz)
returns table (tenant_id text, call_name text, at timestamptz, figure double precision)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
  set enable_mergejoin = off set work_mem = '64MB' set jit = off
as $$
declare
  of_name constant text := rule #>> '{scope,name}';
  of_tenant constant text := rule #>> '{scope,tenant}';
  by_name constant boolean := rule -> 'each' ? 'name';
  by_tenant constant boolean := rule -> 'each' ? 'tenant';
  with_histogram constant boolean := rule ->> 'figure' in ('p50_ms', 'p95_ms', 'slow_pct');
  is_sum constant boolean := rule ->> 'figure' in ('calls', 'errors', 'cost_usd', 'measure_sum')
    and not by_name and not by_tenant;
  window_length constant interval := rollup.alert_rule_window(rule);
  all_steps constant double precision := extract(epoch from until - since) / extract(epoch from step);
  subject_limit constant bigint := case when with_histogram then greatest(25000 / (all_steps + 1), 1) end;
begin
  return query
    with buckets as materialized (
      select
        case when by_tenant then cell.tenant_id else coalesce(of_tenant, '') end as tenant_id,
        case when by_name then cell.name else coalesce(of_name, '') end as call_name,
        date_bin(step, cell.bucket, timestamptz 'epoch') as bucket,
        sum(cell.calls)::bigint as calls, sum(cell.counted)::bigint as counted, sum(cell.failed)::bigint as failed,
        sum(cell.total) as total, sum(cell.times)::bigint as times, max(cell.max_ms) as max_ms,
        sum(cell.cost_usd) as cost_usd,
        rollup.concat_agg(cell.histogram) filter (where cell.histogram is not null) as histogram
      from rollup.alert_rule_cells(rule, step, since - window_length, until) as cell
      group by 1, 2, 3
    ),
    subjects as (
      select buckets.tenant_id, buckets.call_name
      from buckets
      group by 1, 2
      order by sum(calls) desc, 1, 2
      limit least(subject_limit, 100)
    ),
    asked_for as (
      select * from subjects
      union
      select coalesce(of_tenant, ''), coalesce(of_name, '') where is_sum
    ),
    steps as (
      select
        asked_for.tenant_id, asked_for.call_name, step_at,
        sum(calls) over back as calls, sum(counted) over back as counted, sum(failed) over back as failed,
        sum(total) over back as total, sum(times) over back as times, max(max_ms) over back as max_ms,
        sum(cost_usd) over back as cost_usd,
        case when with_histogram then rollup.concat_agg(coalesce(histogram, '{}')) over back end as histogram
      from asked_for
      cross join lateral generate_series(since - window_length, until - step, step) as step_at
      left join buckets on buckets.tenant_id = asked_for.tenant_id and buckets.call_name = asked_for.call_name
        and bucket = step_at
      window back as (
        partition by asked_for.tenant_id, asked_for.call_name order by step_at
        range between window_length + rollup.alert_rule_grain(rule) - step preceding and current row)
    )
    select
      steps.tenant_id, steps.call_name, step_at,
      coalesce(
        rollup.alert_rule_figure(
          rule, steps.calls::bigint, steps.counted::bigint, steps.failed::bigint, steps.total, steps.times::bigint,
          steps.max_ms, steps.cost_usd, steps.histogram),
        case when is_sum then 0 end)
    from steps
    where step_at >= since
      and coalesce(case when rule ->> 'figure' = 'error_rate_pct' then steps.counted else steps.calls end, 0)
        >= (rule ->> 'min_calls')::numeric;
end
$$;

-- Each time that a rule would have been on in [since, until), the newest first, at most a hundred, beside how many
-- there were and for how many steps altogether. figure is the one furthest beyond the threshold, and whose it is.
create function rollup.backtest_alert_rule(rule jsonb, step interval, since timestamptz, until timestamptz)
returns table (
  began_at timestamptz, ended_at timestamptz, steps bigint, figure double precision, tenant_id text, call_name text,
  all_times bigint, all_steps bigint
)
language plpgsql stable security definer set search_path = '' set work_mem = '64MB' set jit = off
as $$
begin
  if analytics.scope() is distinct from '*' then
    raise exception 'only the operator may read this' using errcode = 'insufficient_privilege';
  end if;
  return query
    with figures as (
      select * from rollup.backtest_last_calls(rule, step, since, until)
      where rollup.alert_rule_source(rule) = 'last_calls'
      union all
      select * from rollup.backtest_windows(rule, step, since, until)
      where rollup.alert_rule_source(rule) in ('calls', 'providers', 'error_groups', 'measures')
    ),
    held as (
      select distinct on (figures.at)
        figures.at, figures.tenant_id, figures.call_name, figures.figure,
        rollup.alert_rule_badness(rule, figures.figure) as badness
      from figures
      where rollup.alert_rule_holds(rule, figures.figure)
      order by figures.at, badness desc, figures.tenant_id, figures.call_name
    ),
    islands as (
      select held.*, held.at - step * row_number() over (order by held.at) as island
      from held
    ),
    firings as (
      select
        min(islands.at) + step as began_at, max(islands.at) + step * 2 as ended_at, count(*) as steps,
        (array_agg(islands.figure order by badness desc, islands.at))[1] as figure,
        (array_agg(islands.tenant_id order by badness desc, islands.at))[1] as tenant_id,
        (array_agg(islands.call_name order by badness desc, islands.at))[1] as call_name
      from islands
      group by island
    )
    select
      firings.began_at, case when firings.ended_at <= backtest_alert_rule.until then firings.ended_at end,
      firings.steps, firings.figure, nullif(firings.tenant_id, ''), nullif(firings.call_name, ''),
      count(*) over (), (sum(firings.steps) over ())::bigint
    from firings
    order by firings.began_at desc
    limit 100;
end
$$;

-- What the alarms of one tool would have seen in windows of five minutes: all calls and those that took longer than
-- slow_ms; those that did not fail by their caller's fault, and those of them that failed.
create function rollup.backtest_tool(tool text, slow_ms double precision, since timestamptz)
returns table (at timestamptz, calls bigint, slow double precision, counted bigint, errors bigint)
language plpgsql stable security definer set search_path = ''
as $$
begin
  if analytics.scope() is distinct from '*' then
    raise exception 'only the operator may read this' using errcode = 'insufficient_privilege';
  end if;
  return query
    select
      cell.bucket, sum(cell.calls)::bigint,
      coalesce(sum(
        (select sum((element & 4294967295)::double precision)
         from unnest(cell.histogram) as element
         where (element >> 32)::integer > rollup.bucket_of(slow_ms))), 0),
      coalesce(sum(cell.calls) filter (where cell.fault <> 'caller'), 0)::bigint,
      coalesce(sum(cell.calls) filter (where cell.fault not in ('', 'caller')), 0)::bigint
    from rollup.tool_5m as cell
    where cell.bucket >= since and cell.kind = 'tool' and cell.name = tool
    group by cell.bucket
    order by cell.bucket;
end
$$;

grant execute on function
  rollup.backtest_tool(text, double precision, timestamptz), rollup.backtest_span(jsonb, integer),
  rollup.backtest_alert_rule(jsonb, interval, timestamptz, timestamptz)
  to toolwatch_reader;
