-- Each rule's runs over all hours retained. A run is a call of kind rule; its name is the rule's id. These are rules of a
-- product: evaluations of alert rules are left out, and so neither is one of those ever reported as not triggering.
create materialized view analytics.mv_rule_performance as
with hours as (
  select
    tenant_id, name, error_code = '' as succeeded, calls, total_us, last_started_at,
    bucket >= date_bin('1 hour', analytics.clock() - interval '24 hours', timestamptz 'epoch') as in_24h,
    bucket >= date_bin('1 hour', analytics.clock() - interval '7 days', timestamptz 'epoch') as in_7d
  from rollup.tenant_hour
  where kind = 'rule' and not rollup.is_evaluation(kind, name)
),
rules as (
  select
    tenant_id, name,
    sum(calls)::bigint as trigger_count,
    coalesce(sum(calls) filter (where succeeded), 0)::bigint as success_count,
    coalesce(sum(calls) filter (where not succeeded), 0)::bigint as failure_count,
    (sum(total_us) / sum(calls) / 1000)::double precision as avg_duration_ms,
    coalesce(sum(calls) filter (where in_24h), 0)::bigint as executions_24h,
    coalesce(sum(calls) filter (where in_24h and not succeeded), 0)::bigint as failures_24h,
    coalesce(sum(calls) filter (where in_7d), 0)::bigint as executions_7d,
    coalesce(sum(calls) filter (where in_7d and not succeeded), 0)::bigint as failures_7d,
    max(last_started_at) as last_triggered_at
  from hours
  group by tenant_id, name
)
select
  rules.tenant_id,
  name as rule_id,
  coalesce(latest.metadata ->> 'rule_name', name) as rule_name,
  latest.metadata ->> 'rule_type' as rule_type,
  coalesce(latest.metadata ->> 'enabled', 'true') <> 'false' as enabled,
  trigger_count,
  success_count,
  failure_count,
  round(100.0 * success_count / trigger_count, 2) as success_rate_pct,
  avg_duration_ms,
  executions_24h,
  failures_24h,
  executions_7d,
  failures_7d,
  coalesce((select sum(total) from rollup.measure_hour
   where measure_hour.tenant_id = rules.tenant_id and kind = 'rule' and measure_hour.name = rules.name
     and measure = 'affected_contacts'), 0) as affected_contacts,
  rollup.number_in(latest.measures, 'segment_member_count') as segment_member_count,
  last_triggered_at
from rules
left join lateral (
  select metadata, measures
  from analytics.invocations
  where started_at = last_triggered_at and kind = 'rule' and invocations.name = rules.name
    and invocations.tenant_id = rules.tenant_id
  limit 1
) as latest on true;

create unique index rule_performance_by_rule on analytics.mv_rule_performance (tenant_id, rule_id);
grant select on analytics.mv_rule_performance to toolwatch_operator;

-- The rows of it that a transaction may see.
create view analytics.rule_performance with (security_barrier) as
select * from analytics.mv_rule_performance
where (select analytics.scope()) in (tenant_id, '*');

grant select on analytics.rule_performance to toolwatch_reader, toolwatch_operator;
