-- Drops the oldest day past the retention of $1 days. Returns that day, or NULL when there is none.
select analytics.drop_oldest_day($1)::text as day
