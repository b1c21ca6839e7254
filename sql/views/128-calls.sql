-- The facts as roll-up counts them: a failure that names no code or fault is our own.
create view rollup.calls as
select
  batch_id,
  event_id,
  started_at,
  tenant_id,
  kind,
  name,
  case when success then '' else coalesce(error_code, 'INTERNAL_ERROR') end as error_code,
  case when success then '' else coalesce(fault, 'ours') end as fault,
  cold_start,
  duration_ms,
  rollup.bucket_of(duration_ms) as slot,
  round(duration_ms * 1000)::bigint as duration_us,
  attempts - 1 as retries,
  request_bytes,
  response_bytes,
  cost_usd::numeric as cost_usd,
  success,
  coalesce(error_fingerprint, '') as fingerprint,
  error_type,
  error_message,
  version,
  metadata,
  measures
from analytics.invocations;
