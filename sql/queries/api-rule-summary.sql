-- All rules together. A rule whose type is not known counts in no type.
select
  count(*) as total_rules,
  count(*) filter (where enabled) as enabled_rules,
  coalesce(sum(trigger_count), 0) as total_triggers,
  coalesce(sum(executions_24h), 0) as triggers_24h,
  coalesce(sum(executions_7d), 0) as triggers_7d,
  (
    select coalesce(json_object_agg(rule_type, rules order by rule_type), '{}')
    from (
      select rule_type, count(*) as rules from analytics.rule_performance where rule_type is not null group by rule_type
    ) as by_type
  ) as rules_by_type
from analytics.rule_performance
