-- Switches the rule $1 on or off ($2), as $3. What is switched off holds for nothing, and begins anew when it is
-- switched on.
with changed as (
  update ops.alert_rules
  set enabled = $2, changed_by = $3, changed_at = now()
  where name = $1
),
forgotten as (
  delete from ops.alert_rule_findings where rule_name = $1
)
update ops.alert_rule_states
set outcome = 'no_data', error = null, holds_since = null, figure = null, calls = null,
  held_for = 0, quiet_since = now()
where name = $1
