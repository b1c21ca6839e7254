-- The job $1 as it stands, which nobody else changes until the transaction ends.
select status, payload is not null as has_payload from ops.jobs where job_id = $1::uuid for no key update
