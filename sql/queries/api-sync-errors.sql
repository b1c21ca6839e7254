-- The newest synchronisations that failed in [$1, $2), at most $3. They are chosen from the calls themselves, and the view
-- is read by their keys.
with newest as materialized (
  select started_at, event_id
  from analytics.invocations
  where not success and kind = 'sync' and started_at >= $1::timestamptz and started_at < $2::timestamptz
  order by invocations.started_at desc, event_id desc
  limit (select $3::bigint)
)
select
  call.event_id, tenant_id, split_part(name, ':', 1) as direction, split_part(name, ':', 2) as entity_type,
  to_char(call.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at, error_code, error_message
from newest
cross join lateral (
  select *
  from analytics.single_calls
  where single_calls.started_at = newest.started_at and single_calls.event_id = newest.event_id
  limit 1
) as call
order by newest.started_at desc, newest.event_id desc
