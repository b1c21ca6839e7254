-- The next calls of the day $1 after the key $2 (in microseconds) and $3, at most $4, as one row with an array for each
-- column: an array is parsed many times faster than as many rows. Whole numbers that JSON could change are texts.
select
  json_agg(analytics.to_micros(started_at)) as started_at,
  json_agg(analytics.to_micros(finished_at)) as finished_at,
  json_agg(analytics.to_micros(created_at)) as created_at,
  json_agg(batch_id::text) as batch_id,
  json_agg(duration_ms) as duration_ms,
  json_agg(event_id) as event_id,
  json_agg(attempts) as attempts,
  json_agg(cold_start) as cold_start,
  json_agg(success) as success,
  json_agg(kind) as kind,
  json_agg(name) as name,
  json_agg(tenant_id) as tenant_id,
  json_agg(service) as service,
  json_agg(environment) as environment,
  json_agg(version) as version,
  json_agg(correlation_id) as correlation_id,
  json_agg(error_code) as error_code,
  json_agg(fault) as fault,
  json_agg(error_type) as error_type,
  json_agg(error_message) as error_message,
  json_agg(error_fingerprint) as error_fingerprint,
  json_agg(retryable) as retryable,
  json_agg(user_id) as user_id,
  json_agg(session_id) as session_id,
  json_agg(gpt_name) as gpt_name,
  json_agg(source_gpt) as source_gpt,
  json_agg(client_name) as client_name,
  json_agg(client_version) as client_version,
  json_agg(user_agent) as user_agent,
  json_agg(provider) as provider,
  json_agg(domain) as domain,
  json_agg(trace_id) as trace_id,
  json_agg(parent_id) as parent_id,
  json_agg(replay_of) as replay_of,
  json_agg(request_bytes::text) as request_bytes,
  json_agg(response_bytes::text) as response_bytes,
  json_agg(cost_usd) as cost_usd,
  json_agg(metadata::text) as metadata,
  json_agg(measures::text) as measures
from (
  select *
  from analytics.invocations
  where started_at >= analytics.start_of($1::date) and started_at < analytics.start_of($1::date + 1)
    and (started_at, event_id) > (analytics.from_micros($2::bigint), $3::uuid)
  order by started_at, event_id
  limit $4
) as page
