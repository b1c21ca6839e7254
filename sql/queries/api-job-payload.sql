-- What arrived as the job $1; NULL once it was erased.
select payload, content_type from ops.jobs where job_id = $1::uuid
