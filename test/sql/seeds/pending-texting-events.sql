SELECT COUNT(*) FROM texting_webhook_events WHERE status = 'pending';
