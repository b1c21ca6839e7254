-- The calls with the correlation id $1 within a day of $2, earliest first; of many the 200 nearest to it.
select *
from (
  select
    event_id, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
    kind, name, tenant_id, version, duration_ms, cold_start, success, error_code, error_type, error_message, fault, group_id,
    attempts, client_name, user_id, session_id, provider, correlation_id, parent_id, replay_of
  from analytics.single_calls
  where correlation_id = $1
    and started_at >= $2::timestamptz - interval '1 day' and started_at < $2::timestamptz + interval '1 day'
  order by abs(extract(epoch from single_calls.started_at - $2::timestamptz)), event_id
  limit 200
) as nearest
order by started_at, event_id
