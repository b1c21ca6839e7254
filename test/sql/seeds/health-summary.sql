-- Check health summary
SELECT * FROM analytics.tool_health_summary;
