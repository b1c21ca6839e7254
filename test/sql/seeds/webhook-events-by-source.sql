SELECT source, status, COUNT(*) 
FROM webhook_events 
GROUP BY source, status;
