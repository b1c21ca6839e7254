-- Check if data is being logged
SELECT COUNT(*) FROM analytics.tool_invocations
WHERE created_at >= NOW() - INTERVAL '1 hour';
