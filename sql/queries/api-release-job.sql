-- Lets the job $1 go on, which was kept back.
update ops.jobs
set status = 'pending', reason = null, changed_at = now()
where job_id = $1::uuid
