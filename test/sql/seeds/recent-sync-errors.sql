-- Recent sync errors
SELECT * FROM sync_log 
WHERE status = 'error' 
ORDER BY started_at DESC 
LIMIT 10;
