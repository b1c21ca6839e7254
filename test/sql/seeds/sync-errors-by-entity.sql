SELECT direction, entity_type, COUNT(*) 
FROM sync_log 
WHERE status = 'error' 
GROUP BY direction, entity_type;
