-- Begins the bulk replay $1: the filter $2, $3 a minute, by $4.
insert into ops.job_batches (batch_id, filter, per_minute, jobs, requested_by)
values ($1, $2::jsonb, $3, 0, $4)
