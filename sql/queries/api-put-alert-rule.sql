-- Makes the rule $1, or replaces it with $2. Without begins_anew ($4) only its name, words and recipients have changed,
-- and what is known of it stays; with it the rule is new, and needs no bake period if $5.
with stored as (
  insert into ops.alert_rules (name, rule, enabled, condition, changed_by)
  values ($1, $2::jsonb - 'enabled', ($2::jsonb -> 'enabled')::boolean, $1, $3)
  on conflict (name) do update set
    rule = excluded.rule, enabled = excluded.enabled, changed_by = excluded.changed_by, changed_at = now()
  returning name
),
forgotten as (
  delete from ops.alert_rule_findings where rule_name = $1 and $4::boolean
)
insert into ops.alert_rule_states (name, baked_at)
select name, case when $5::boolean then now() end from stored
on conflict (name) do update set
  outcome = 'no_data', evaluated_at = null, error = null, holds_since = null,
  figure = null, calls = null, held_for = 0, quiet_since = excluded.quiet_since, baked_at = excluded.baked_at
where $4::boolean
