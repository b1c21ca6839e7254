-- Stores messages about incidents, each once however often its line comes. $1 is the lines as a JSON array.
insert into ops.incident_messages (
  message_id, incident_id, cause, kind, severity, alarm, members, began_at, notified_at, title, calls, bad_calls,
  users, peak_pct
)
select
  message_id, incident_id, cause, kind, severity, alarm, members, began_at, notified_at, title, calls, bad_calls,
  users, peak_pct
from jsonb_to_recordset($1::jsonb) as line (
  message_id uuid, incident_id text, cause text, kind text, severity text, alarm text, members text[],
  began_at timestamptz, notified_at timestamptz, title text, calls bigint, bad_calls bigint, users bigint,
  peak_pct double precision
)
on conflict do nothing
