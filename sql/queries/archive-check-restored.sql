-- Raises when what is stored of the day $1 is not what was archived.
select analytics.check_restored($1::date)
