-- What the figures of alert rules are worked out from. A rule is what contract/alert-rules/rule.ts allows; its values
-- are only ever compared, so no text in it can become a part of a statement.

-- Where the figure of a rule comes from: the same as sourceOf in contract/alert-rules/wrong-combinations.ts.
create function rollup.alert_rule_source(rule jsonb) returns text
language sql immutable parallel safe
as $$
  select case
    when rule ->> 'figure' in ('measure_sum', 'measure_average') then 'measures'
    when rule ->> 'figure' = 'users' then 'users'
    when rule ->> 'figure' in ('consecutive_failures', 'minutes_since_success', 'minutes_since_call') then 'last_calls'
    when rule ->> 'figure' = 'rate_limit_used_pct' then 'rate_limits'
    when rule #> '{scope,error_group}' is not null then 'error_groups'
    when rule #> '{scope,domain}' is not null then 'domains'
    when rule #> '{scope,provider}' is not null then 'providers'
    else 'calls'
  end
$$;

create function rollup.alert_rule_window(rule jsonb) returns interval
language sql immutable parallel safe
as $$ select make_interval(mins => coalesce((rule ->> 'window_minutes')::integer, 60)) $$;

-- True for a rule about one tenant, or about each.
create function rollup.is_of_tenants(rule jsonb) returns boolean
language sql immutable parallel safe
as $$ select rule #> '{scope,tenant}' is not null or rule -> 'each' ? 'tenant' $$;

-- How long the cells are that the windows of a rule consist of. Only calls of all tenants together are counted by five
-- minutes; for windows of more than three hours, hours are exact enough.
create function rollup.alert_rule_grain(rule jsonb) returns interval
language sql immutable parallel safe
as $$
  select case
    when rollup.alert_rule_source(rule) = 'calls' and not rollup.is_of_tenants(rule)
      and rollup.alert_rule_window(rule) <= interval '3 hours'
    then interval '5 minutes'
    else interval '1 hour'
  end
$$;

-- True where a rule of a product says that it is switched off. tenant is '' for all tenants together.
create function rollup.is_switched_off(tenant text, of_kind text, of_name text) returns boolean
language sql stable
as $$
  select of_kind = 'rule' and exists (
    select from analytics.mv_rule_performance where tenant in ('', tenant_id) and rule_id = of_name and not enabled)
$$;

-- The cells of [since, until) that a rule is about, which looks back for a window; of any roll-up, as far as the
-- figures of rules need them. grain is how long they are. tenant_id is '' in cells over all tenants. counted leaves out
-- the calls that failed by their caller's fault, failed are the others that failed; the histogram is of successes, and
-- there only for a rule that needs it.
create function rollup.alert_rule_cells(rule jsonb, grain interval, since timestamptz, until timestamptz)
returns table (
  bucket timestamptz, tenant_id text, name text, calls bigint, counted bigint, failed bigint, total numeric,
  times bigint, max_ms double precision, cost_usd numeric, histogram bigint[]
)
language plpgsql stable set search_path = '' set plan_cache_mode = force_custom_plan
as $$
declare
  of_kind constant text := coalesce(rule #>> '{scope,kind}', 'tool');
  of_name constant text := rule #>> '{scope,name}';
  of_tenant constant text := rule #>> '{scope,tenant}';
  by_tenant constant boolean := rollup.is_of_tenants(rule);
  with_histogram constant boolean := rule ->> 'figure' in ('p50_ms', 'p95_ms', 'slow_pct');
begin
  case rollup.alert_rule_source(rule)
    when 'calls' then
      return query
        select
          cell.bucket, cell.tenant_id, cell.name, cell.calls,
          case when cell.fault <> 'caller' then cell.calls else 0 end,
          case when cell.fault not in ('', 'caller') then cell.calls else 0 end, null::numeric, null::bigint,
          cell.max_ms, cell.cost_usd, case when with_histogram and cell.error_code = '' then cell.histogram end
        from (
          select
            hour.bucket, hour.tenant_id, hour.kind, hour.name, hour.error_code, hour.fault, hour.calls, hour.max_ms,
            hour.cost_usd, hour.histogram
          from rollup.tenant_hour as hour
          where by_tenant and (of_tenant is null or hour.tenant_id = of_tenant)
          union all
          select
            hour.bucket, '', hour.kind, hour.name, hour.error_code, hour.fault, hour.calls, hour.max_ms, hour.cost_usd,
            hour.histogram
          from rollup.tool_hour as hour
          where not by_tenant and grain >= interval '1 hour'
          union all
          select
            part.bucket, '', part.kind, part.name, part.error_code, part.fault, part.calls, part.max_ms, part.cost_usd,
            part.histogram
          from rollup.tool_5m as part
          where not by_tenant and grain < interval '1 hour'
        ) as cell
        where cell.bucket >= since and cell.bucket < until and cell.kind = of_kind
          and (of_name is null or cell.name = of_name)
          and cell.name <> '_metrics' and not rollup.is_evaluation(cell.kind, cell.name);
    when 'providers' then
      return query
        select
          cell.bucket, cell.tenant_id, cell.provider, cell.calls, cell.calls, cell.failed, null::numeric, null::bigint,
          null::double precision, null::numeric, null::bigint[]
        from rollup.provider_hour as cell
        where cell.bucket >= since and cell.bucket < until and cell.provider = rule #>> '{scope,provider}'
          and (of_tenant is null or cell.tenant_id = of_tenant);
    when 'error_groups' then
      return query
        select
          cell.bucket, cell.tenant_id, cell.name, cell.calls, cell.calls,
          case when cell.fault <> 'caller' then cell.calls else 0 end, null::numeric, null::bigint,
          null::double precision, null::numeric, null::bigint[]
        from rollup.error_hour as cell
        where cell.bucket >= since and cell.bucket < until and cell.kind = of_kind
          and cell.fingerprint = rule #>> '{scope,error_group}'
          and (of_tenant is null or cell.tenant_id = of_tenant) and (of_name is null or cell.name = of_name);
    when 'measures' then
      return query
        select
          cell.bucket, cell.tenant_id, cell.name, cell.times, cell.times, 0::bigint, cell.total, cell.times,
          null::double precision, null::numeric, null::bigint[]
        from rollup.measure_hour as cell
        where cell.bucket >= since and cell.bucket < until and cell.kind = of_kind
          and cell.measure = rule ->> 'measure'
          and (of_tenant is null or cell.tenant_id = of_tenant) and (of_name is null or cell.name = of_name);
    else
      raise exception 'the figure % is not of a window', rule ->> 'figure' using errcode = 'invalid_parameter_value';
  end case;
end
$$;

-- The share of a histogram's calls that took longer than this, in percent; NULL without calls.
create function rollup.slower_pct(histogram bigint[], slow_ms double precision) returns double precision
language sql immutable parallel safe
as $$
  select 100.0 * coalesce(sum(calls) filter (where slot > rollup.bucket_of(slow_ms)), 0) / nullif(sum(calls), 0)
  from (
    select (element >> 32)::integer as slot, (element & 4294967295)::double precision as calls
    from unnest(histogram) as element
  ) as counted
$$;

-- The figure of a rule over some of its cells, added up.
create function rollup.alert_rule_figure(
  rule jsonb, calls bigint, counted bigint, failed bigint, total numeric, times bigint, max_ms double precision,
  cost_usd numeric, histogram bigint[]
) returns double precision
language sql immutable parallel safe
as $$
  select case rule ->> 'figure'
    when 'calls' then calls::double precision
    when 'errors' then failed::double precision
    when 'error_rate_pct' then 100.0::double precision * failed / nullif(counted, 0)
    when 'p50_ms' then rollup.percentile(0.5, histogram)
    when 'p95_ms' then rollup.percentile(0.95, histogram)
    when 'max_ms' then max_ms
    when 'slow_pct' then rollup.slower_pct(histogram, (rule ->> 'slow_ms')::double precision)
    when 'cost_usd' then cost_usd::double precision
    when 'measure_sum' then total::double precision
    when 'measure_average' then (total / nullif(times, 0))::double precision
  end
$$;

-- How a figure compares with the threshold of a rule.
create function rollup.alert_rule_holds(rule jsonb, figure double precision) returns boolean
language sql immutable parallel safe
as $$
  select case rule ->> 'comparison'
    when 'above' then figure > (rule ->> 'threshold')::double precision
    when 'at_least' then figure >= (rule ->> 'threshold')::double precision
    when 'below' then figure < (rule ->> 'threshold')::double precision
    when 'at_most' then figure <= (rule ->> 'threshold')::double precision
  end
$$;

-- How bad a figure is among others of a rule: the greater, the further beyond the threshold.
create function rollup.alert_rule_badness(rule jsonb, figure double precision) returns double precision
language sql immutable parallel safe
as $$ select case when rule ->> 'comparison' in ('below', 'at_most') then -figure else figure end $$;

grant execute on function rollup.alert_rule_badness(jsonb, double precision) to toolwatch_reader;
