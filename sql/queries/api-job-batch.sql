-- The bulk replay $1, with how its jobs stand.
select
  batch_id, filter, per_minute, job_batches.jobs,
  case
    when job_batches.status = 'running' and pending + processing = 0 then 'over'
    else job_batches.status
  end as status,
  requested_by,
  to_char(requested_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as requested_at,
  to_char(changed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as changed_at,
  json_build_object(
    'pending', pending, 'processing', processing, 'processed', processed, 'error', failed, 'quarantined', quarantined
  ) as by_status,
  to_char(ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as ends_at
from ops.job_batches
cross join lateral (
  select
    count(*) filter (where status = 'pending') as pending,
    count(*) filter (where status = 'processing') as processing,
    count(*) filter (where status = 'processed') as processed,
    count(*) filter (where status = 'error') as failed,
    count(*) filter (where status = 'quarantined') as quarantined,
    max(due_at) filter (where status = 'pending') as ends_at
  from ops.jobs
  where jobs.batch_id = job_batches.batch_id
) as made
where job_batches.batch_id = $1::uuid
