-- Check error rates
SELECT * FROM analytics.tool_error_rate_24h
ORDER BY error_rate_pct DESC;
