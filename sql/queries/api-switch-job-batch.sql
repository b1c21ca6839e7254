-- Sets how the bulk replay $1 stands: $2.
update ops.job_batches set status = $2, changed_at = now() where batch_id = $1::uuid
