-- Deletes jobs that have been over, or in quarantine, for more than so many days. Returns how many, at most $2.
with old as (
  select job_id from ops.jobs
  where processed_at < now() - make_interval(days => $1)
  order by processed_at
  limit $2
),
quarantined as (
  select job_id from ops.jobs
  where status = 'quarantined' and received_at < now() - make_interval(days => $1)
    and changed_at < now() - make_interval(days => $1)
  order by received_at
  limit $2 - (select count(*) from old)
),
deleted as (
  delete from ops.jobs where job_id in (select job_id from old union all select job_id from quarantined)
  returning 1
)
select count(*) as forgotten from deleted
