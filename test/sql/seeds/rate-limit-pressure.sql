SELECT 
  key_type,
  identifier,
  utilization_pct,
  status,
  request_count,
  limit_max,
  seconds_until_reset
FROM v_rate_limit_utilization
WHERE status IN ('warning', 'throttled')
ORDER BY utilization_pct DESC;
