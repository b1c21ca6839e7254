-- Makes jobs due now that wait for their next attempt, at most $1, the soonest due before others. Jobs that a worker or
-- another request changes at this moment are left out.
with waiting as (
  select job_id
  from ops.jobs
  where status = 'pending' and due_at > now() and attempts > 0
  order by due_at
  limit $1
  for no key update skip locked
)
update ops.jobs
set due_at = now(), changed_at = now()
from waiting
where jobs.job_id = waiting.job_id
returning jobs.job_id
