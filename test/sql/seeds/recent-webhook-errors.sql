SELECT * FROM webhook_events 
WHERE status = 'error' 
ORDER BY received_at DESC 
LIMIT 10;
