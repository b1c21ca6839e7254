-- Keeps the job $1 back, because of $2.
update ops.jobs
set status = 'quarantined', reason = $2, processed_at = null, changed_at = now()
where job_id = $1::uuid
