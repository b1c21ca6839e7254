-- Check last refresh
SELECT relname, last_vacuum, last_autovacuum 
FROM pg_stat_user_tables 
WHERE relname LIKE 'mv_%';
