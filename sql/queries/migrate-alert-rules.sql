-- Adds the rules that ship, brings those up to date that nobody has changed, and removes those that no longer ship. To
-- switch a rule off or on is no change of it. $1 is a JSON array of rows.
with given as materialized (
  select name, condition, rule - 'enabled' as rule, (rule -> 'enabled')::boolean as enabled
  from jsonb_to_recordset($1::jsonb) as shipped(name text, condition text, rule jsonb)
),
removed as (
  delete from ops.alert_rules
  where shipped is not null and rule = shipped and name not in (select name from given)
),
stored as (
  insert into ops.alert_rules as known (name, rule, enabled, condition, shipped, changed_by)
  select name, rule, enabled, condition, rule, 'toolwatch' from given
  on conflict (name) do update set
    rule = case when known.rule = known.shipped then excluded.rule else known.rule end,
    condition = excluded.condition, shipped = excluded.shipped
  where known.shipped is distinct from excluded.shipped or known.condition <> excluded.condition
  returning name
)
insert into ops.alert_rule_states (name, baked_at)
select name, now() from stored
on conflict do nothing
