-- The calls that repeat the call $1 of $2 or later, earliest first, at most 100.
select
  event_id, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  kind, name, tenant_id, version, duration_ms, cold_start, success, error_code, error_type, error_message, fault, group_id,
  attempts, client_name, user_id, session_id, provider, correlation_id, parent_id, replay_of
from analytics.single_calls
where replay_of = $1::uuid and started_at >= $2::timestamptz
order by single_calls.started_at, event_id
limit 100
