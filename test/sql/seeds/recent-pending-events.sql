SELECT * FROM webhook_events 
WHERE status = 'pending' 
ORDER BY received_at DESC 
LIMIT 10;
