-- When each name was last called, when it last succeeded (where it never did, when it was first called), and how often
-- it has failed since. Of webhooks as their view says it; of other names by cells: within the five minutes, or the hour,
-- of the last success at least what is certain. A name that was not called for 35 days is forgotten, of tenants' tools
-- after eight; a rule of a product while its hours are retained.
create function rollup.last_calls(of_kind text, of_name text, of_tenant text, by_tenant boolean)
returns table (tenant_id text, name text, last_call_at timestamptz, last_success_at timestamptz, failures bigint)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  this_hour constant timestamptz := date_bin('1 hour', analytics.clock(), timestamptz 'epoch');
  since constant timestamptz := case
    when of_kind = 'rule' then '-infinity'
    when by_tenant and of_kind in ('tool', 'http', 'dependency', 'query') then this_hour - interval '8 days'
    else this_hour - interval '35 days'
  end;
begin
  if of_kind = 'webhook' then
    return query
      select
        seen.tenant_id, seen.webhook_id, seen.last_delivery_at,
        coalesce(seen.last_success_at, (
          select min(cell.bucket)
          from rollup.tenant_hour as cell
          where cell.tenant_id = seen.tenant_id and cell.kind = 'webhook' and cell.name = seen.webhook_id)),
        seen.consecutive_failures
      from analytics.mv_webhook_performance as seen
      where seen.enabled and (of_name is null or seen.webhook_id = of_name)
        and (of_tenant is null or seen.tenant_id = of_tenant);
    return;
  end if;
  return query
    with cells as materialized (
      select cell.tenant_id, cell.name, cell.error_code, cell.fault, cell.calls, cell.bucket, cell.last_started_at
      from rollup.tenant_hour as cell
      where by_tenant and cell.bucket >= since and cell.kind = of_kind and (of_name is null or cell.name = of_name)
        and (of_tenant is null or cell.tenant_id = of_tenant)
        and cell.name <> '_metrics' and not rollup.is_evaluation(cell.kind, cell.name)
      union all
      select '', cell.name, cell.error_code, cell.fault, cell.calls, cell.bucket, cell.last_started_at
      from rollup.tool_hour as cell
      where not by_tenant and cell.bucket >= since and cell.bucket < this_hour - interval '1 day'
        and cell.kind = of_kind and (of_name is null or cell.name = of_name)
        and cell.name <> '_metrics' and not rollup.is_evaluation(cell.kind, cell.name)
      union all
      select '', cell.name, cell.error_code, cell.fault, cell.calls, cell.bucket, cell.last_started_at
      from rollup.tool_5m as cell
      where not by_tenant and cell.bucket >= this_hour - interval '1 day'
        and cell.kind = of_kind and (of_name is null or cell.name = of_name)
        and cell.name <> '_metrics' and not rollup.is_evaluation(cell.kind, cell.name)
    ),
    names as materialized (
      select
        cells.tenant_id, cells.name, min(bucket) as first_call_at, max(last_started_at) as last_call_at,
        max(last_started_at) filter (where error_code = '') as last_success_at
      from cells
      group by cells.tenant_id, cells.name
    ),
    failed as (
      select
        cells.tenant_id, cells.name,
        sum(case when cells.bucket <= names.last_success_at then 1 else calls end)::bigint as failures
      from cells
      join names on names.tenant_id = cells.tenant_id and names.name = cells.name
      where fault not in ('', 'caller')
        and (names.last_success_at is null or cells.last_started_at > names.last_success_at)
      group by cells.tenant_id, cells.name
    )
    select
      names.tenant_id, names.name, names.last_call_at, coalesce(names.last_success_at, names.first_call_at),
      coalesce(failed.failures, 0)
    from names
    left join failed on failed.tenant_id = names.tenant_id and failed.name = names.name
    where not rollup.is_switched_off(names.tenant_id, of_kind, names.name);
end
$$;

-- The calls of the last window that a rule on users or a domain is about, the newest first: of those at a domain at most
-- so many, of users as many that failed, and not by their caller's fault. They are found by the indexes calls_by_domain and
-- failed_invocations_by_time, for each of which a statement is written, because a condition on the rule would let the
-- planner use neither.
create function rollup.calls_of_rule(rule jsonb, moment timestamptz, at_most integer)
returns table (tenant_id text, name text, user_id text, is_failure boolean, is_of_caller boolean)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  of_domain constant text := rule #>> '{scope,domain}';
  of_kind constant text := coalesce(rule #>> '{scope,kind}', case when of_domain is null then 'tool' end);
  of_name constant text := rule #>> '{scope,name}';
  of_tenant constant text := rule #>> '{scope,tenant}';
  since constant timestamptz := moment - rollup.alert_rule_window(rule);
begin
  if rollup.alert_rule_source(rule) = 'domains' then
    return query
      select
        call.tenant_id, call.name, call.user_id, not call.success and coalesce(call.fault, 'ours') <> 'caller',
        not call.success and coalesce(call.fault, 'ours') = 'caller'
      from analytics.invocations as call
      where call.started_at >= since and call.domain is not null and call.domain = of_domain
        and (of_kind is null or call.kind = of_kind) and (of_name is null or call.name = of_name)
        and (of_tenant is null or call.tenant_id = of_tenant)
      order by call.started_at desc
      limit at_most;
  else
    return query
      select call.tenant_id, call.name, call.user_id, true, false
      from analytics.invocations as call
      where call.started_at >= since and not call.success and coalesce(call.fault, 'ours') <> 'caller'
        and call.user_id is not null and (of_domain is null or call.domain = of_domain)
        and (of_kind is null or call.kind = of_kind) and (of_name is null or call.name = of_name)
        and (of_tenant is null or call.tenant_id = of_tenant) and not rollup.is_evaluation(call.kind, call.name)
      order by call.started_at desc
      limit at_most;
  end if;
end
$$;

-- The figures of a rule as of this moment: one row, or one for each name, tenant or both, in which tenant_id and
-- call_name are '' where it is not evaluated for each. calls is NULL where none are counted. Without any call there is a
-- row only for a rule that adds up, of all together.
create function rollup.alert_rule_figures(rule jsonb, moment timestamptz)
returns table (tenant_id text, call_name text, calls bigint, figure double precision)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  of_name constant text := rule #>> '{scope,name}';
  of_tenant constant text := rule #>> '{scope,tenant}';
  by_name constant boolean := rule -> 'each' ? 'name';
  by_tenant constant boolean := rule -> 'each' ? 'tenant';
  source constant text := rollup.alert_rule_source(rule);
  max_calls constant integer := 50000;
begin
  if source = 'rate_limits' then
    return query
      select
        case when by_tenant then used.tenant_id else coalesce(of_tenant, '') end,
        case when by_name then used.identifier else coalesce(of_name, '') end,
        null::bigint, max(used.utilization_pct)::double precision
      from analytics.v_rate_limit_utilization as used
      where (of_name is null or used.identifier = of_name) and (of_tenant is null or used.tenant_id = of_tenant)
      group by 1, 2;
  elsif source = 'last_calls' then
    return query
      select seen.tenant_id, seen.call_name, null::bigint, case rule ->> 'figure'
          when 'consecutive_failures' then max(seen.failures)::double precision
          when 'minutes_since_call' then extract(epoch from moment - max(seen.last_call_at))::double precision / 60
          else extract(epoch from moment - max(seen.last_success_at))::double precision / 60
        end
      from (
        select
          case when by_tenant then last_calls.tenant_id else coalesce(of_tenant, '') end as tenant_id,
          case when by_name then last_calls.name else coalesce(of_name, '') end as call_name,
          failures, last_call_at, last_success_at
        from rollup.last_calls(
          coalesce(rule #>> '{scope,kind}', 'tool'), of_name, of_tenant, rollup.is_of_tenants(rule))
      ) as seen
      group by seen.tenant_id, seen.call_name;
  elsif source in ('users', 'domains') then
    return query
      select
        case when by_tenant then call.tenant_id else coalesce(of_tenant, '') end,
        case when by_name then call.name else coalesce(of_name, '') end,
        case
          when source = 'users' then null
          when rule ->> 'figure' = 'error_rate_pct' then count(*) filter (where not is_of_caller)
          else count(*)
        end,
        case rule ->> 'figure'
          when 'calls' then count(*)::double precision
          when 'errors' then count(*) filter (where is_failure)::double precision
          when 'users' then count(distinct (call.tenant_id, call.user_id))::double precision
          else 100.0::double precision * count(*) filter (where is_failure)
            / nullif(count(*) filter (where not is_of_caller), 0)
        end
      from rollup.calls_of_rule(rule, moment, max_calls) as call
      group by 1, 2;
    if not found and not by_name and not by_tenant and rule ->> 'figure' <> 'error_rate_pct' then
      return query
        select coalesce(of_tenant, ''), coalesce(of_name, ''), case when source = 'domains' then 0::bigint end,
          0::double precision;
    end if;
  else
    return query
      select
        added.tenant_id, added.call_name,
        case when rule ->> 'figure' = 'error_rate_pct' then added.counted else added.calls end,
        rollup.alert_rule_figure(
          rule, added.calls, added.counted, added.failed, added.total, added.times, added.max_ms, added.cost_usd,
          added.histogram)
      from (
        select
          case when by_tenant then cell.tenant_id else coalesce(of_tenant, '') end as tenant_id,
          case when by_name then cell.name else coalesce(of_name, '') end as call_name,
          sum(cell.calls)::bigint as calls, sum(cell.counted)::bigint as counted, sum(cell.failed)::bigint as failed,
          sum(cell.total) as total, sum(cell.times)::bigint as times, max(cell.max_ms) as max_ms,
          sum(cell.cost_usd) as cost_usd,
          rollup.concat_agg(cell.histogram) filter (where cell.histogram is not null) as histogram
        from rollup.alert_rule_cells(
          rule, rollup.alert_rule_grain(rule),
          date_bin(rollup.alert_rule_grain(rule), moment - rollup.alert_rule_window(rule), timestamptz 'epoch'),
          'infinity') as cell
        group by 1, 2
      ) as added;
    if not found and not by_name and not by_tenant
      and rule ->> 'figure' in ('calls', 'errors', 'cost_usd', 'measure_sum')
    then
      return query select coalesce(of_tenant, ''), coalesce(of_name, ''), 0::bigint, 0::double precision;
    end if;
  end if;
end
$$;
