-- The job that repeats the job $1.
select job_id from ops.jobs where replay_of = $1::uuid
