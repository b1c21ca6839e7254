-- Incidents, the newest first, at most $1, before the one that began at $2 and has the id $3, where these are not NULL.
-- Only those that fit the parameters from $4 on that are not NULL: their state (`ended` is `over` or `quiet`), severity,
-- cause, the tool $7 that their cause or one of their alarms is about, the id $8; that ended after $9, or not, and began
-- before $10. Only incidents of which a message was sent after $11 are read, so that must be before $9, and as long ago as
-- people may have been notified last of one that is open.
select
  incident_id, cause, state, severity, last_title as title,
  to_char(began_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as began_at,
  to_char(ended_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ended_at,
  duration_seconds, messages::integer, times_reopened::integer, members, calls, bad_calls, users, peak_pct, version_at_end,
  (
    select json_build_object(
      'by', actor, 'at', to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'note', reason
    )
    from ops.audit
    where action = 'incident.acknowledged' and target = incident_id and success
    order by audit.at desc
    limit 1
  ) as acknowledged,
  (
    select alarm
    from ops.incident_messages
    where incident_messages.incident_id = v_incidents.incident_id and incident_messages.cause = v_incidents.cause
    order by notified_at desc, message_id
    limit 1
  ) as alarm,
  to_char(began_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as cursor_at
from analytics.v_incidents
where incident_id = any (array(
    select incident_id
    from ops.incident_messages
    where notified_at >= $11::timestamptz
      and ($8::text is null or incident_id = $8)
      and ($6::text is null or cause = $6)
  ))
  and ($2::timestamptz is null or (began_at, incident_id) < ($2::timestamptz, $3::text))
  and ($4::text is null or state = $4 or ($4 = 'ended' and state <> 'open'))
  and ($5::text is null or severity = $5)
  and ($6::text is null or cause = $6)
  and ($7::text is null or exists (
    select from unnest(members || cause) as about where $7 = any (string_to_array(about, '/'))))
  and ($8::text is null or incident_id = $8)
  and (ended_at is null or ended_at >= $9::timestamptz)
  and began_at < $10::timestamptz
order by v_incidents.began_at desc, incident_id desc
limit $1
