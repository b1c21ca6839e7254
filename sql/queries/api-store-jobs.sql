-- Stores what the operator asks for, each key of a source once. $1 is the jobs as a JSON array, in the order in which they
-- were asked for; a job that is known by its key is answered with the one that is stored.
with asked as materialized (
  select *
  from jsonb_to_recordset($1::jsonb) as job (
    place integer, job_id uuid, source text, delivery_key text, tool text, tenant_id text, due_at timestamptz,
    max_attempts integer, direction text, entity_type text, payload text
  )
)
insert into ops.jobs (
  job_id, origin, source, delivery_key, tool, tenant_id, received_at, due_at, max_attempts, direction, entity_type,
  content_type, payload, payload_bytes
)
select
  job_id, 'person', source, delivery_key, tool, tenant_id, now(), coalesce(due_at, now()), max_attempts, direction,
  entity_type, 'application/json', convert_to(payload, 'UTF8'), octet_length(payload)
from asked
-- By one order for all requests, so that two of them never wait for each other.
order by source, delivery_key, place
on conflict (source, delivery_key) do nothing
returning job_id
