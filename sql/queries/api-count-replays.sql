-- How many jobs fit a filter: status $1, source $2, tool $3, error code $4, received in [$5, $6), of which NULL says nothing.
-- Those that have a replay, and of the others those whose payload was erased, cannot be replayed.
select
  count(*)::integer as matching,
  (count(*) filter (where is_replayed))::integer as replayed_already,
  (count(*) filter (where not is_replayed and is_erased))::integer as erased
from (
  select
    exists (select from ops.jobs as replay where replay.replay_of = job.job_id) as is_replayed,
    payload is null as is_erased
  from ops.jobs as job
  where status = $1
    and ($2::text is null or source = $2)
    and ($3::text is null or tool = $3)
    and ($4::text is null or error_code = $4)
    and ($5::timestamptz is null or received_at >= $5)
    and ($6::timestamptz is null or received_at < $6)
) as fitting
