-- What people were notified of about the incident $1, earliest first, at most $2.
select
  message_id, kind, severity, title, alarm,
  to_char(notified_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as notified_at,
  calls::double precision, bad_calls::double precision, users::double precision, peak_pct
from ops.incident_messages
where incident_id = $1
order by incident_messages.notified_at, message_id
limit $2
