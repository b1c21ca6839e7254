-- Writes down what became of jobs, of those whose lease is still the one that is named.
update ops.jobs as job set
  status = case when code is null then 'processed' when retry_at is null then 'error' else 'pending' end,
  due_at = coalesce(retry_at, due_at),
  processed_at = case when retry_at is null then now() end,
  lease_id = null,
  leased_until = null,
  error_code = code,
  error_message = message,
  percent = case when code is null then percent end,
  call_id = coalesce(given.call_id, job.call_id),
  changed_at = now()
from jsonb_to_recordset($2::jsonb) as given (
  job_id uuid, call_id uuid, code text, message text, retry_at timestamptz
)
where job.job_id = given.job_id and job.status = 'processing' and job.lease_id = $1
returning job.job_id
