-- Makes the job $2, which repeats the job $1 from its beginning.
insert into ops.jobs (
  job_id, origin, source, tool, tenant_id, received_at, due_at, max_attempts, direction, entity_type, replay_of,
  content_type, payload, payload_bytes
)
select
  $2::uuid, origin, source, tool, tenant_id, now(), now(), max_attempts, direction, entity_type, job_id,
  content_type, payload, payload_bytes
from ops.jobs
where job_id = $1::uuid
