-- The call with the id $1 that began in [$2, $3), with everything that is stored of it.
select
  event_id, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  kind, name, tenant_id, version, duration_ms, cold_start, success, error_code, error_type, error_message, fault, group_id,
  attempts, client_name, user_id, session_id, provider, correlation_id, parent_id, replay_of,
  to_char(finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as finished_at,
  service, environment, error_fingerprint, retryable, gpt_name, source_gpt, client_version, user_agent, domain, trace_id,
  request_bytes::double precision, response_bytes::double precision, cost_usd, metadata, measures,
  to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as stored_at
from analytics.single_calls
where event_id = $1::uuid and started_at >= $2::timestamptz and started_at < $3::timestamptz
order by single_calls.started_at desc
limit 1
