-- Check latencies
SELECT * FROM analytics.tool_latency_p50_p95_24h
ORDER BY p95_ms DESC;
