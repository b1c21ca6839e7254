-- The ids of the first $7 jobs that fit a filter and can be replayed: status $1, source $2, tool $3, error code $4, received
-- in [$5, $6), of which NULL says nothing.
select job_id
from ops.jobs as job
where status = $1
  and ($2::text is null or source = $2)
  and ($3::text is null or tool = $3)
  and ($4::text is null or error_code = $4)
  and ($5::timestamptz is null or received_at >= $5)
  and ($6::timestamptz is null or received_at < $6)
  and payload is not null
  and not exists (select from ops.jobs as replay where replay.replay_of = job.job_id)
order by job.received_at, job_id
limit $7
