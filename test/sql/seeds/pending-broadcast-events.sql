SELECT COUNT(*) FROM broadcast_webhook_events WHERE status = 'pending';
