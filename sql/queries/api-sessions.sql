-- Sessions of [$1, $2), made of its newest $8 calls of tools that have one; those with the newest calls first, at most
-- $3, after the one whose last call was at $4 and whose id is $5, where these are not NULL. Only those of the user $6,
-- the client $7 and the tenant $9, where these are not NULL. Each row says since when calls were read, and how many.
with newest as materialized (
  select tenant_id, session_id, user_id, client_name, started_at, event_id, success, name
  from analytics.invocations
  where kind = 'tool' and session_id is not null
    and started_at >= $1::timestamptz and started_at < $2::timestamptz
    and ($6::text is null or user_id = $6)
    and ($7::text is null or client_name = $7)
    and ($9::text is null or tenant_id = $9)
  order by invocations.started_at desc, event_id desc
  limit $8
),
sessions as (
  select
    tenant_id, session_id, min(user_id) as user_id, min(client_name) as client_name, min(started_at) as first_at,
    max(started_at) as last_at, count(*)::integer as calls, (count(*) filter (where not success))::integer as failures,
    (array_agg(name order by started_at, event_id))[:20] as tools
  from newest
  group by tenant_id, session_id
)
select
  tenant_id, session_id, user_id, client_name,
  to_char(first_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  to_char(last_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_call_at,
  calls, failures, tools,
  to_char(last_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as cursor_at,
  read.calls_read, to_char(read.since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as read_since
from (select count(*)::integer as calls_read, min(started_at) as since from newest) as read
left join sessions
  on $4::timestamptz is null or (last_at, tenant_id, session_id) < ($4::timestamptz, $10::text, $5::text)
order by last_at desc, tenant_id desc, session_id desc
limit $3
