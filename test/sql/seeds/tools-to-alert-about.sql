SELECT tool_name, error_rate_pct, p95_ms
FROM analytics.tool_health_summary
WHERE health_status IN ('warning', 'critical')
ORDER BY health_status, error_rate_pct DESC;
