-- Forgets what is written of the day $1.
select analytics.archive_anew($1::date)
