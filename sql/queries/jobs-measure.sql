-- Counts jobs, each part by an index of its own. What somebody holds back by a pause or an aborted bulk replay is not
-- counted as waiting.
select
  waiting.due + running.jobs as depth,
  greatest(0, extract(epoch from now() - waiting.oldest_due_at))::float8 as oldest_seconds,
  waiting.later,
  quarantined.jobs as quarantined,
  ended.failed as newly_failed,
  ended.processed,
  ended.processing_ms
from (
  select
    count(*) filter (where due_at <= now()) as due,
    coalesce(min(due_at) filter (where due_at <= now()), now()) as oldest_due_at,
    count(*) filter (where due_at > now()) as later
  from ops.jobs
  where status = 'pending'
    and not exists (
      select from ops.job_pauses
      where (scope, name) = ('source', source) or (scope, name) = ('tool', tool)
    )
    and not exists (
      select from ops.job_batches where job_batches.batch_id = jobs.batch_id and job_batches.status = 'aborted'
    )
) as waiting
cross join (select count(*) as jobs from ops.jobs where status = 'processing') as running
cross join (select count(*) as jobs from ops.jobs where status = 'quarantined') as quarantined
cross join (
  select
    count(*) filter (where status = 'error') as failed,
    count(*) filter (where status = 'processed' and processed_at > now() - interval '1 minute') as processed,
    (avg(extract(epoch from processed_at - received_at) * 1000)
      filter (where status = 'processed' and processed_at > now() - interval '1 minute'))::float8 as processing_ms
  from ops.jobs
  where processed_at > now() - interval '5 minutes'
) as ended
