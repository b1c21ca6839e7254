-- Says how many jobs the bulk replay $1 made: $2.
update ops.job_batches set jobs = $2 where batch_id = $1::uuid
