SELECT 
  webhook_id,
  url,
  consecutive_failures,
  success_rate_pct,
  failures_24h,
  last_failure_at
FROM mv_webhook_performance
WHERE consecutive_failures > 0
ORDER BY consecutive_failures DESC
LIMIT 10;
