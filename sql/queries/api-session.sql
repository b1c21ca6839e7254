-- The calls of tools of the session $1 in [$2, $3), earliest first, at most $4; each with figures of all of them. Only those
-- of the tenant $5, where that is not NULL. `tenants` are the first ten of those that have a session of this id.
with calls as materialized (
  select
    event_id, started_at, name, duration_ms, success, error_code, fault, correlation_id, tenant_id, user_id, client_name
  from analytics.invocations
  where kind = 'tool' and session_id = $1
    and started_at >= $2::timestamptz and started_at < $3::timestamptz
    and ($5::text is null or tenant_id = $5)
)
select
  event_id, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  name as tool_name, duration_ms, success, error_code, fault, correlation_id, tenant_id, user_id, client_name,
  (count(*) over ())::integer as calls,
  (count(*) filter (where not success) over ())::integer as failures,
  to_char(max(started_at) over () at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_call_at,
  (select (array_agg(distinct tenant_id order by tenant_id))[:10] from calls) as tenants
from calls
order by calls.started_at, event_id
limit $4
