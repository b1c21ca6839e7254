-- The days that are to be archived, the oldest first; $1 is the retention in days.
select day::text as day from analytics.days_to_archive($1) as day
