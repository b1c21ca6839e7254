-- Stores jobs that were accepted, each once: by its id, and by what its source calls the delivery.
insert into ops.jobs (
  job_id, origin, source, delivery_key, tool, tenant_id, received_at, due_at, max_attempts, direction, entity_type,
  content_type, payload, payload_bytes
)
select
  job_id, origin, source, delivery_key, tool, tenant_id, received_at, coalesce(due_at, least(received_at, now())),
  max_attempts, direction, entity_type, content_type, bytes, octet_length(bytes)
from jsonb_to_recordset($1::jsonb) as accepted (
  job_id uuid, origin text, source text, delivery_key text, tool text, tenant_id text, received_at timestamptz,
  due_at timestamptz, max_attempts integer, direction text, entity_type text, content_type text, payload text
)
cross join lateral (select decode(payload, 'base64') as bytes) as decoded
on conflict do nothing
returning job_id
