-- Synchronisations of the last 24 hours. A run is a call of kind sync, named direction:entity_type.
create view analytics.v_sync_health with (security_invoker, security_barrier) as
select
  tenant_id,
  split_part(name, ':', 1) as direction,
  split_part(name, ':', 2) as entity_type,
  sum(calls)::bigint as total_operations,
  coalesce(sum(calls) filter (where error_code <> ''), 0)::bigint as failed_operations,
  round(100.0 * sum(calls) filter (where error_code = '') / sum(calls), 2) as success_rate,
  (sum(total_us) / sum(calls) / 1000)::double precision as avg_duration_ms,
  max(last_started_at) filter (where error_code = '') as last_success_at,
  max(last_started_at) filter (where error_code <> '') as last_error_at
from rollup.tenant_hour
where kind = 'sync'
  and bucket >= (select date_bin('1 hour', analytics.clock() - interval '24 hours', timestamptz 'epoch'))
group by tenant_id, name;

grant select on analytics.v_sync_health to toolwatch_reader, toolwatch_operator;

-- Queues in the last 24 hours. A processed job is a call of kind job, named for its queue. Depth and age are the
-- largest values of the measures queue_depth and oldest_age_seconds in the last two hours. Lines named _metrics only
-- carry metrics of their own and are no jobs.
create view analytics.v_queue_health with (security_invoker, security_barrier) as
select
  tenant_id,
  name as queue,
  sum(calls)::bigint as processed,
  coalesce(sum(calls) filter (where error_code <> ''), 0)::bigint as failed,
  (sum(total_us) / sum(calls) / 1000)::double precision as avg_processing_ms,
  round(sum(calls) / 24.0, 2) as processed_per_hour,
  (select max(highest) from rollup.measure_hour
   where measure_hour.tenant_id = tenant_hour.tenant_id and kind = 'job' and measure_hour.name = tenant_hour.name
     and measure = 'queue_depth' and bucket >= analytics.clock() - interval '2 hours') as queue_depth,
  (select max(highest) from rollup.measure_hour
   where measure_hour.tenant_id = tenant_hour.tenant_id and kind = 'job' and measure_hour.name = tenant_hour.name
     and measure = 'oldest_age_seconds' and bucket >= analytics.clock() - interval '2 hours') as oldest_age_seconds,
  max(last_started_at) as last_processed_at
from rollup.tenant_hour
where kind = 'job' and name <> '_metrics'
  and bucket >= (select date_bin('1 hour', analytics.clock() - interval '24 hours', timestamptz 'epoch'))
group by tenant_id, name;

grant select on analytics.v_queue_health to toolwatch_reader, toolwatch_operator;
