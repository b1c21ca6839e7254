-- Each rule, the most runs first; at most $1.
select
  tenant_id, rule_id, rule_name, rule_type, enabled, trigger_count, success_count, failure_count,
  success_rate_pct as success_rate, avg_duration_ms, executions_24h, failures_24h, executions_7d, failures_7d,
  affected_contacts, segment_member_count,
  to_char(last_triggered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_triggered_at
from analytics.rule_performance
order by trigger_count desc, rule_id, tenant_id
limit $1
