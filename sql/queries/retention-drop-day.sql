-- Drops the oldest day past keeping. Answers it, or NULL. $1 is how many days are kept.
select analytics.drop_oldest_day($1)::text as day
