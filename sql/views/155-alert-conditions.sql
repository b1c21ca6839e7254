-- Conditions that need attention now, other than those the tools' own alarms cover: what alert rules hold for, as
-- refresh evaluated them last. Each name of a tenant is listed once for a condition, as the most severe of its rules
-- says. A rule over all tenants is the operator's.
create view analytics.v_alert_conditions with (security_barrier) as
select distinct on (tenant_id, type, resource_id)
  tenant_id, type, severity, resource_id, resource_name, message
from (
  select
    coalesce(nullif(tenant_id, ''), '*') as tenant_id,
    condition as type,
    rollup.severity_of_rule(rule, baked_at) as severity,
    coalesce(nullif(call_name, ''), case rule #>> '{scope,kind}' when 'http' then 'api' end, condition) as resource_id,
    coalesce(
      case rule #>> '{scope,kind}'
        when 'webhook' then (
          select url from analytics.mv_webhook_performance as webhook
          where webhook.tenant_id = finding.tenant_id and webhook_id = call_name)
        when 'rule' then (
          select rule_name from analytics.mv_rule_performance as triggered
          where triggered.tenant_id = finding.tenant_id and rule_id = call_name)
        when 'http' then 'api'
      end,
      (select key_type from rollup.rate_limits
       where rule ->> 'figure' = 'rate_limit_used_pct' and rate_limits.tenant_id = finding.tenant_id
         and identifier = call_name
       order by seen_at desc limit 1),
      nullif(call_name, ''), condition) as resource_name,
    case condition
      when 'webhook_failure' then format('Webhook has %s consecutive failures', finding.figure)
      when 'webhook_inactive' then format('Webhook had no delivery since %s', called.day)
      when 'rule_not_triggering' then format('Rule was last triggered on %s', called.day)
      when 'rate_limit' then format('%s %% of the limit is used', finding.figure)
      when 'api_error_rate' then format(
        '%s of %s requests failed within the hour, without those refused for their caller''s fault',
        round(finding.figure * finding.calls / 100), finding.calls)
      when 'slow_query' then format('A query took %s s', round((finding.figure / 1000)::numeric, 1))
      else format(
        '%s is %s (%s %s)', rule ->> 'figure', round(finding.figure::numeric, 2),
        replace(rule ->> 'comparison', '_', ' '), rule ->> 'threshold')
    end as message
  from ops.alert_rule_findings as finding
  join ops.alert_rules on name = rule_name
  join ops.alert_rule_states using (name)
  cross join lateral (
    select to_char(
      (
        evaluated_at
          - make_interval(secs => case when rule ->> 'figure' like 'minutes%' then finding.figure * 60 else 0 end)
      ) at time zone 'UTC',
      'YYYY-MM-DD') as day
  ) as called
  where enabled and (select analytics.scope()) in (finding.tenant_id, '*')
) as conditions
order by tenant_id, type, resource_id, severity = 'critical' desc;

grant select on analytics.v_alert_conditions to toolwatch_reader, toolwatch_operator;
