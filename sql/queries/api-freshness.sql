-- How old the summaries are.
select to_char(refreshed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as refreshed_at, age_seconds
from analytics.freshness
