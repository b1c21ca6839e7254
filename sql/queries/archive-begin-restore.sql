-- Makes room for the day $1 and holds it for $2 days.
select files, rows from analytics.begin_restore($1::date, $2)
