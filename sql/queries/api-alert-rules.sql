-- The rules by which people are notified, with what each found last; those that hold first. $1 is the name of one, or NULL.
select
  name, rule, enabled, condition, shipped is not null as is_shipped,
  to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as changed_at,
  changed_by, outcome, error, figure, calls, held_for, baked_at is not null as is_baked,
  to_char(evaluated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as evaluated_at,
  to_char(holds_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as holds_since,
  to_char(last_held_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_held_at
from ops.alert_rules
join ops.alert_rule_states using (name)
where $1::text is null or name = $1
order by outcome = 'holds' desc, outcome = 'not_evaluated' desc, name
