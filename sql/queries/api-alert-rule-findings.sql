-- What the rule $1 holds for, the first that it began to hold for first.
select
  nullif(tenant_id, '') as tenant_id, nullif(call_name, '') as name, figure, calls,
  to_char(holds_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as holds_since
from ops.alert_rule_findings
where rule_name = $1
order by alert_rule_findings.holds_since, tenant_id, call_name
limit 100
