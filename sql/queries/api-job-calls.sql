-- The calls that were made for the job $1, earliest first, at most the newest $3; it was received at $2. They are chosen
-- from the calls themselves, and the view is read by their keys.
with newest as materialized (
  select started_at, event_id
  from analytics.invocations
  where correlation_id = $1 and kind in ('job', 'sync', 'tool')
    and started_at >= $2::timestamptz - interval '5 minutes'
  order by invocations.started_at desc, event_id desc
  limit (select $3::bigint)
)
select
  call.event_id, to_char(call.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  kind, name, tenant_id, version, duration_ms, cold_start, success, error_code, error_type, error_message, fault, group_id,
  attempts, client_name, user_id, session_id, provider, correlation_id, parent_id, replay_of
from newest
cross join lateral (
  select *
  from analytics.single_calls
  where single_calls.started_at = newest.started_at and single_calls.event_id = newest.event_id
  limit 1
) as call
order by newest.started_at, newest.event_id
