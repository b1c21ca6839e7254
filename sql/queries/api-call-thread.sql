-- The calls with the correlation id $1 within a day of $2, earliest first; of many the 200 nearest to it, of which the
-- call $3 that began then is one. They are chosen from the calls themselves, and the view is read by their keys. The
-- limits are queries of their own because of the planner: by them a search that ends early looks cheap, as it is.
with before as materialized (
  select started_at, event_id
  from analytics.invocations
  where correlation_id = $1
    and started_at >= $2::timestamptz - interval '1 day' and started_at < $2::timestamptz
  order by invocations.started_at desc, event_id desc
  limit (select 200)
),
since as materialized (
  select started_at, event_id
  from analytics.invocations
  where correlation_id = $1
    and started_at >= $2::timestamptz and started_at < $2::timestamptz + interval '1 day'
  order by invocations.started_at, event_id
  limit (select 200)
),
itself as materialized (
  select started_at, event_id
  from analytics.invocations
  where event_id = $3::uuid
    and started_at >= $2::timestamptz and started_at < $2::timestamptz + interval '1 millisecond'
),
nearest as materialized (
  select started_at, event_id
  from (
    select * from before
    union
    select * from since
    union
    select * from itself
  ) as near
  order by event_id <> $3::uuid, abs(extract(epoch from started_at - $2::timestamptz)), event_id
  limit 200
)
select
  call.event_id, to_char(call.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  kind, name, tenant_id, version, duration_ms, cold_start, success, error_code, error_type, error_message, fault, group_id,
  attempts, client_name, user_id, session_id, provider, correlation_id, parent_id, replay_of
from nearest
cross join lateral (
  select *
  from analytics.single_calls
  where single_calls.started_at = nearest.started_at and single_calls.event_id = nearest.event_id
  limit 1
) as call
order by nearest.started_at, nearest.event_id
