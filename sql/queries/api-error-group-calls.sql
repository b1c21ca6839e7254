-- The newest calls of the group of kind $1, name $2, fingerprint $3, error code $4 and fault $5, at most $6, from the last
-- hours in which it has any: so it costs as much as the failures of those hours, however many there are.
select
  event_id, to_char(call.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at,
  version, duration_ms, correlation_id, trace_id, client_name
from (
  select distinct bucket
  from rollup.error_hour
  where kind = $1::text and name = $2::text and fingerprint = $3::text and error_code = $4::text and fault = $5::text
  order by bucket desc
  limit 6
) as hours
cross join lateral (
  select *
  from analytics.invocations
  where not success and started_at >= hours.bucket and started_at < hours.bucket + interval '1 hour'
    and kind = $1::text and name = $2::text
    and rollup.fingerprint_of(kind, name, error_type, error_fingerprint) = $3::text
    and coalesce(error_code, 'INTERNAL_ERROR') = $4::text and coalesce(fault, 'ours') = $5::text
  order by invocations.started_at desc
  limit $6::integer
) as call
order by call.started_at desc, event_id
limit $6::integer
