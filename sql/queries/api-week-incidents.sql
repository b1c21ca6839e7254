-- The incidents that people were notified of in the seven days before the day of $1, the longest first, at most $2. One
-- needed nothing when it ended by itself within a quarter of an hour, and nothing was deployed while it lasted. Drills
-- are none.
select
  incident_id as incident,
  cause,
  severity,
  to_char(began_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as began_at,
  duration_seconds,
  messages::integer as messages,
  last_title as title,
  (state = 'over' and duration_seconds <= 900 and version_at_end is null) as needed_nothing
from analytics.v_incidents
where began_at >= date_bin('1 day', $1::timestamptz, timestamptz 'epoch') - interval '7 days'
  and began_at < date_bin('1 day', $1::timestamptz, timestamptz 'epoch')
  and cause not like 'drill/%'
order by duration_seconds desc, incident_id
limit $2
