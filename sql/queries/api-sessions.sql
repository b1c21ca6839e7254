-- Sessions of [$1, $2), made of its newest $8 calls of tools that have one, and of those that began when the last of these
-- did; those with the newest calls first, at most $3, after the one whose last call was at $4, of the tenant $10, and whose
-- id is $5, where these are not NULL. Only those of the user $6, the client $7 and the tenant $9, where these are not NULL.
-- Each row says between which moments calls were read, and how many. The number of calls is a query of its own because of
-- the planner: by it a search that ends early looks cheap, as it is.
with newest as materialized (
  select tenant_id, session_id, user_id, client_name, started_at, event_id, success, name
  from analytics.invocations
  where kind = 'tool' and session_id is not null
    and started_at >= $1::timestamptz and started_at < $2::timestamptz
    and ($6::text is null or user_id = $6)
    and ($7::text is null or client_name = $7)
    and ($9::text is null or tenant_id = $9)
  order by invocations.started_at desc
  fetch first (select $8::bigint) rows with ties
),
page as materialized (
  select
    tenant_id, session_id, min(user_id) as user_id, min(client_name) as client_name, min(started_at) as first_at,
    max(started_at) as last_at, count(*)::integer as calls, (count(*) filter (where not success))::integer as failures
  from newest
  group by tenant_id, session_id
  having $4::timestamptz is null or (max(started_at), tenant_id, session_id) < ($4::timestamptz, $10::text, $5::text)
  order by last_at desc, tenant_id desc, session_id desc
  limit $3
),
journeys as (
  select tenant_id, session_id, (array_agg(name order by newest.started_at, event_id))[:20] as tools
  from newest
  join page using (tenant_id, session_id)
  group by tenant_id, session_id
)
select
  tenant_id, session_id, user_id, client_name,
  to_char(first_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  to_char(last_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_call_at,
  calls, failures, tools,
  to_char(last_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as cursor_at,
  calls_read,
  to_char(read_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as read_since,
  to_char(read_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as read_until
from (
  select
    count(*)::integer as calls_read, min(started_at) as read_since,
    max(started_at) + interval '1 microsecond' as read_until
  from newest
) as read
left join (page join journeys using (tenant_id, session_id)) on true
order by last_at desc, tenant_id desc, session_id desc
