SELECT 
  DATE_TRUNC('hour', processed_at) as hour,
  COUNT(*) as processed_count
FROM webhook_events
WHERE processed_at IS NOT NULL
GROUP BY hour
ORDER BY hour DESC;
