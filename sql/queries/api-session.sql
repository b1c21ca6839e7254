-- The calls of tools of the session $1 in [$2, $3), earliest first, at most $4; each with figures of all of them.
select
  event_id, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  name as tool_name, duration_ms, success, error_code, fault, correlation_id, tenant_id, user_id, client_name,
  (count(*) over ())::integer as calls,
  (count(*) filter (where not success) over ())::integer as failures,
  to_char(max(started_at) over () at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_call_at
from analytics.invocations
where kind = 'tool' and session_id = $1
  and started_at >= $2::timestamptz and started_at < $3::timestamptz
order by invocations.started_at, event_id
limit $4
