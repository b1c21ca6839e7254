-- Spreads the jobs of the bulk replay $1 that were not tried yet from now on, $2 of them due in each minute.
update ops.jobs
set due_at = now() + (place - 1) * (interval '1 minute' / $2::integer), changed_at = now()
from (
  select job_id, row_number() over (order by due_at, job_id) as place
  from ops.jobs
  where batch_id = $1::uuid and status = 'pending' and attempts = 0
) as waiting
where jobs.job_id = waiting.job_id and jobs.status = 'pending'
