-- Makes replays of the jobs $1, in this order, $3 of them due in each minute, as the batch $2. A job that somebody replays
-- meanwhile gets no second one.
insert into ops.jobs (
  job_id, origin, source, tool, tenant_id, received_at, due_at, max_attempts, direction, entity_type, replay_of, batch_id,
  content_type, payload, payload_bytes
)
select
  uuidv7(), origin, source, tool, tenant_id, now(), now() + (place - 1) * (interval '1 minute' / $3::integer), max_attempts,
  direction, entity_type, job_id, $2::uuid, content_type, payload, payload_bytes
from unnest($1::uuid[]) with ordinality as asked (job_id, place)
join ops.jobs using (job_id)
order by place
on conflict (replay_of) do nothing
returning job_id
