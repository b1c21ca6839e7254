-- Queues by the calls of kind job, those with most first, at most $1.
select
  tenant_id, queue, processed::double precision as processed, failed::double precision as failed,
  processed_per_hour::double precision as processed_per_hour, avg_processing_ms,
  queue_depth::double precision as queue_depth, oldest_age_seconds::double precision as oldest_age_seconds,
  to_char(last_processed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_processed_at
from analytics.v_queue_health
order by v_queue_health.processed desc, queue, tenant_id
limit $1
