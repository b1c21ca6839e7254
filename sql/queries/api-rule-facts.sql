-- The alert rule $1, with what it found last, as messages about it say it.
select
  name, rule ->> 'description' as description, rule ->> 'figure' as figure, rule ->> 'measure' as measure,
  rule ->> 'comparison' as comparison, (rule ->> 'threshold')::double precision as threshold,
  case when rule ->> 'figure' !~ '^(consecutive_failures|minutes_since_|rate_limit_)'
    then coalesce((rule ->> 'window_minutes')::integer, 60) end as window_minutes,
  rule -> 'channels' as channels, baked_at is not null as is_baked, figure as value, calls, held_for, error,
  (
    select coalesce(json_agg(json_build_object('tenant_id', tenant_id, 'name', call_name, 'value', value)), '[]')
    from (
      select nullif(tenant_id, '') as tenant_id, nullif(call_name, '') as call_name, finding.figure as value
      from ops.alert_rule_findings as finding
      where rule_name = name
      order by rollup.alert_rule_badness(rule, finding.figure) desc, finding.tenant_id, finding.call_name
      limit 5
    ) as worst
  ) as findings
from ops.alert_rules
join ops.alert_rule_states using (name)
where name = $1
