-- The call with the id $1 that began in [$2, $3), with everything that is stored of it. It is looked for from the newest
-- on in the key of calls, and the view is read by that.
with found as materialized (
  select started_at, event_id
  from analytics.invocations
  where event_id = $1::uuid and started_at >= $2::timestamptz and started_at < $3::timestamptz
  order by invocations.started_at desc
  limit 1
)
select
  call.event_id, to_char(call.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  kind, name, tenant_id, version, duration_ms, cold_start, success, error_code, error_type, error_message, fault, group_id,
  attempts, client_name, user_id, session_id, provider, correlation_id, parent_id, replay_of,
  to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as finished_at,
  service, environment, error_fingerprint, retryable, gpt_name, source_gpt, client_version, user_agent, domain, trace_id,
  request_bytes::double precision, response_bytes::double precision, cost_usd, metadata, measures,
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as stored_at
from found
cross join lateral (
  select *
  from analytics.single_calls
  where single_calls.started_at = found.started_at and single_calls.event_id = found.event_id
  limit 1
) as call
