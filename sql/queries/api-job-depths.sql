-- For each source with jobs that are due or run: how many, and how long the longest due waits. What somebody keeps back is
-- not counted. Without such jobs a row without a source says that there are jobs at all.
with due as (
  select source, due_at as waits_since
  from ops.jobs
  where status = 'pending' and due_at <= now()
    and not exists (
      select from ops.job_pauses
      where (scope, name) = ('source', source) or (scope, name) = ('tool', tool)
    )
    and not exists (
      select from ops.job_batches where job_batches.batch_id = jobs.batch_id and job_batches.status = 'aborted'
    )
  union all
  select source, null from ops.jobs where status = 'processing'
)
select
  source, count(*)::integer as depth,
  coalesce(greatest(extract(epoch from now() - min(waits_since)), 0), 0)::double precision as oldest_seconds
from due
group by source
union all
select null, 0, 0
where exists (select from ops.jobs) and not exists (select from due)
order by 1
