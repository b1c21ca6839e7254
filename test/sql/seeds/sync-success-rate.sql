-- Sync success rate
SELECT 
  direction,
  entity_type,
  COUNT(*) FILTER (WHERE status = 'success') * 100.0 / COUNT(*) as success_rate
FROM sync_log
GROUP BY direction, entity_type;
