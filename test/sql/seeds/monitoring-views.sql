-- Check if views exist
SELECT viewname FROM pg_views 
WHERE viewname LIKE 'v_%' OR viewname LIKE 'mv_%';
