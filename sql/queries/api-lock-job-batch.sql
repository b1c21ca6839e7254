-- How the bulk replay $1 stands, which nobody else changes until the transaction ends.
select status, per_minute from ops.job_batches where batch_id = $1::uuid for no key update
