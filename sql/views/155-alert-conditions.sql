-- Conditions that need attention now, other than those the tools' own alarms cover.
create view analytics.v_alert_conditions with (security_barrier) as
select
  tenant_id, 'webhook_failure' as type,
  case when consecutive_failures >= 10 then 'critical' else 'warning' end as severity,
  webhook_id as resource_id, url as resource_name,
  format('Webhook has %s consecutive failures', consecutive_failures) as message
from analytics.v_webhook_health
where consecutive_failures >= 5 and health_status <> 'disabled'
union all
select
  tenant_id, 'webhook_inactive', 'warning', webhook_id, url,
  format('Webhook had no delivery since %s', to_char(last_delivery_at at time zone 'UTC', 'YYYY-MM-DD'))
from analytics.v_webhook_health
where health_status = 'inactive'
union all
select
  tenant_id, 'rule_not_triggering', 'warning', rule_id, rule_name,
  format('Rule was last triggered on %s', to_char(last_triggered_at at time zone 'UTC', 'YYYY-MM-DD'))
from analytics.rule_performance
where enabled and last_triggered_at < analytics.clock() - interval '7 days'
union all
select
  tenant_id, 'rate_limit', case status when 'throttled' then 'critical' else 'warning' end, identifier, key_type,
  format('%s %% of the limit is used', utilization_pct)
from analytics.v_rate_limit_utilization
where utilization_pct > 90 and (select analytics.scope()) in (tenant_id, '*')
union all
-- A request that its caller got wrong has not failed, and does not make the others look better.
select
  tenant_id, 'api_error_rate', 'critical', 'api', 'api',
  format('%s of %s requests failed within the hour, without those refused for their caller''s fault', failed, total)
from (
  select
    tenant_id, sum(calls)::bigint as total,
    coalesce(sum(calls) filter (where error_code <> ''), 0)::bigint as failed
  from rollup.tenant_hour
  where kind = 'http' and fault <> 'caller'
    and bucket >= (select date_bin('1 hour', analytics.clock(), timestamptz 'epoch'))
    and (select analytics.scope()) in (tenant_id, '*')
  group by tenant_id
) as requests
where failed > 0.5 * total and total >= 10
union all
select
  tenant_id, 'slow_query', 'critical', name, name,
  format('A query took %s s', round((max(max_ms) / 1000)::numeric, 1))
from rollup.tenant_hour
where kind = 'query' and max_ms > 5000 and bucket >= (select date_bin('1 hour', analytics.clock(), timestamptz 'epoch'))
  and (select analytics.scope()) in (tenant_id, '*')
group by tenant_id, name;

grant select on analytics.v_alert_conditions to toolwatch_reader, toolwatch_operator;
