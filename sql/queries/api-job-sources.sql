-- Sources of jobs, the deepest first, at most $1: what waits now, and what was made in the last 24 hours. What is not
-- processed is little and has indexes by its status, so each status is read by itself.
with held_batches as materialized (
  select batch_id from ops.job_batches where status = 'aborted'
),
waiting as (
  select
    source, status, due_at, due_at <= now() as is_due,
    exists (
      select from ops.job_pauses
      where (scope, name) = ('source', source) or (scope, name) = ('tool', tool)
    ) or batch_id in (select batch_id from held_batches) as is_held
  from ops.jobs
  where status = 'pending'
  union all
  select source, status, due_at, true, false from ops.jobs where status = 'processing'
  union all
  select source, status, due_at, false, false from ops.jobs where status in ('error', 'quarantined')
),
now_there as (
  select
    source,
    count(*) filter (where is_due and is_held is not true) as depth,
    min(due_at) filter (where is_due and is_held is not true and status = 'pending') as oldest_due_at,
    count(*) filter (where is_due and is_held) as held,
    count(*) filter (where status = 'pending' and not is_due) as later,
    count(*) filter (where status = 'processing') as running,
    count(*) filter (where status = 'error') as failed,
    count(*) filter (where status = 'quarantined') as quarantined
  from waiting
  group by source
),
of_a_day as (
  select
    source,
    count(*) filter (where status = 'processed') as processed,
    count(*) filter (where status = 'error') as failed,
    avg(extract(epoch from processed_at - received_at)) filter (where status = 'processed') as processing_seconds
  from ops.jobs
  where processed_at >= now() - interval '24 hours'
  group by source
)
select
  source,
  coalesce(depth, 0)::integer as depth,
  coalesce(greatest(extract(epoch from now() - oldest_due_at), 0), 0)::double precision as oldest_seconds,
  coalesce(held, 0)::integer as held,
  coalesce(later, 0)::integer as later,
  coalesce(running, 0)::integer as running,
  coalesce(now_there.failed, 0)::integer as failed,
  coalesce(quarantined, 0)::integer as quarantined,
  coalesce(processed, 0)::integer as processed,
  round(coalesce(processed, 0) / 24.0, 2)::double precision as processed_per_hour,
  coalesce(of_a_day.failed, 0)::integer as failed_24h,
  (greatest(processing_seconds, 0) * 1000)::double precision as processing_ms
from now_there
full join of_a_day using (source)
order by coalesce(depth, 0) desc, source
limit $1
