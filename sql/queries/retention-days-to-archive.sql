-- How many days are past their retention of $1 days and wait to be archived.
select count(*)::integer as waiting from analytics.days_to_archive($1)
