-- The calls with the correlation id $1, of the last $2 minutes. The planner estimates a comparison with now() from the
-- clock: for minutes it reads the key, for days the index on correlation ids.
select
  event_id, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  kind, name, version, duration_ms, success, error_code, client_name
from analytics.invocations
where started_at >= now() - make_interval(mins => $2) and correlation_id = $1
order by invocations.started_at, event_id
limit 100
