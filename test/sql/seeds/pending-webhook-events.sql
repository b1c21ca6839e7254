SELECT COUNT(*) FROM webhook_events WHERE status = 'pending';
