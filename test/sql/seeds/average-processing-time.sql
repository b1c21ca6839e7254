SELECT 
  AVG(EXTRACT(EPOCH FROM (processed_at - received_at))) as avg_seconds
FROM webhook_events
WHERE processed_at IS NOT NULL;
