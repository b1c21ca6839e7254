SELECT 
  hour,
  total_requests,
  failed_requests,
  (failed_requests::FLOAT / total_requests * 100) AS error_rate_pct,
  errors_by_status_code
FROM v_api_usage_metrics
WHERE hour >= NOW() - INTERVAL '24 hours'
ORDER BY hour;
