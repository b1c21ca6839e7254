-- Deletes bulk replays that are old and of which no job is left. Returns how many.
with deleted as (
  delete from ops.job_batches as batch
  where requested_at < now() - make_interval(days => $1)
    and not exists (select from ops.jobs where jobs.batch_id = batch.batch_id)
  returning 1
)
select count(*) as forgotten from deleted
