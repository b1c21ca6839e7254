-- Lets go of jobs whose lease has ended: nobody knows whether they were made. Those that may be repeated are due again;
-- the others end in error.
with lost as (
  select job_id, attempts < max_attempts and tool = any ($1::text[]) as may_be_repeated
  from ops.jobs
  where status = 'processing' and leased_until <= now()
  order by leased_until
  limit 100
  for update skip locked
)
update ops.jobs as job set
  status = case when may_be_repeated then 'pending' else 'error' end,
  lease_id = null,
  leased_until = null,
  processed_at = case when may_be_repeated then null else now() end,
  error_code = 'TIMEOUT',
  error_message = 'The worker ended before it could say what became of the call: it may have had its effect.',
  changed_at = now()
from lost
where job.job_id = lost.job_id
