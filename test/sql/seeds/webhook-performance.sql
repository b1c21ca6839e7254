-- Test webhook performance view
SELECT * FROM mv_webhook_performance LIMIT 5;
