SELECT 
  DATE_TRUNC('hour', wd.sent_at) AS hour,
  COUNT(*) AS total,
  COUNT(*) FILTER (WHERE wd.status = 'sent') AS successful,
  (COUNT(*) FILTER (WHERE wd.status = 'sent')::FLOAT / COUNT(*) * 100) AS success_rate_pct
FROM webhook_deliveries wd
WHERE wd.sent_at >= NOW() - INTERVAL '24 hours'
GROUP BY hour
ORDER BY hour;
