-- What the rule $1 holds for: the worst first, at most a hundred.
select
  nullif(tenant_id, '') as tenant_id, nullif(call_name, '') as name, figure, calls,
  to_char(holds_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as holds_since
from ops.alert_rule_findings
join ops.alert_rules on name = rule_name
where rule_name = $1
order by rollup.alert_rule_badness(rule, figure) desc, alert_rule_findings.tenant_id, call_name
limit 100
