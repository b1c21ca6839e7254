SELECT 
  rule_id,
  rule_name,
  rule_type,
  trigger_count,
  executions_7d,
  segment_member_count,
  last_triggered_at
FROM mv_rule_performance
WHERE enabled = true
ORDER BY trigger_count DESC;
