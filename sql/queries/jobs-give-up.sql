-- Ends jobs in error whose tool is none of $1, and which have been due for an hour: an older worker may still run while a
-- new tool is deployed.
with unknown as (
  select job_id
  from ops.jobs
  where status = 'pending' and due_at <= now() - interval '1 hour' and tool <> all ($1::text[])
  order by due_at
  limit 100
  for update skip locked
)
update ops.jobs as job set
  status = 'error',
  processed_at = now(),
  error_code = 'INTERNAL_ERROR',
  error_message = 'There is no tool ' || job.tool || ' any more.',
  changed_at = now()
from unknown
where job.job_id = unknown.job_id
