-- Lets the job $1 go on, which was held back.
update ops.jobs
set status = 'pending', reason = null, changed_at = now()
where job_id = $1::uuid
