-- Calls of [$1, $2), the newest first, at most $3, before the one at $4 with the id $5, where these are not NULL. Only
-- those that fit the parameters from $6 on that are not NULL. A group of failures is asked for by what makes it: name
-- ($6), kind ($7), error code ($9), fault ($11) and fingerprint ($21).
--
-- The page is chosen from the calls themselves, whose index ends the search when it is full. The view, which is closed to
-- what is sorted outside it, is read by the key of each.
with page as materialized (
  select started_at, event_id
  from analytics.invocations
  where started_at >= $1::timestamptz and started_at < $2::timestamptz
    and ($4::timestamptz is null or (started_at, event_id) < ($4::timestamptz, $5::uuid))
    and ($6::text is null or name = $6)
    and ($7::text is null or kind = $7)
    and ($8::boolean is null or success = $8)
    and ($9::text is null or (not success and coalesce(error_code, 'INTERNAL_ERROR') = $9))
    and ($10::text is null or (not success and error_type = $10))
    and ($11::text is null or (not success and coalesce(fault, 'ours') = $11))
    and ($12::text is null or provider = $12)
    and ($13::text is null or domain = $13)
    and ($14::text is null or user_id = $14)
    and ($15::text is null or session_id = $15)
    and ($16::text is null or client_name = $16)
    and ($17::text is null or tenant_id = $17)
    and ($18::text is null or version = $18)
    and ($19::text is null or correlation_id = $19)
    and ($20::double precision is null or duration_ms >= $20)
    and ($21::text is null
      or (not success and rollup.fingerprint_of(kind, name, error_type, error_fingerprint) = $21))
  order by invocations.started_at desc, event_id desc
  limit $3
)
select
  call.event_id, to_char(call.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  kind, name, tenant_id, version, duration_ms, cold_start, success, error_code, error_type, error_message, fault, group_id,
  attempts, client_name, user_id, session_id, provider, correlation_id, parent_id, replay_of,
  to_char(call.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as cursor_at
from page
cross join lateral (
  select *
  from analytics.single_calls
  where single_calls.started_at = page.started_at and single_calls.event_id = page.event_id
  limit 1
) as call
order by page.started_at desc, page.event_id desc
