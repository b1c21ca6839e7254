-- Claims due jobs, the longest due first, as many as fit into an answer of Lambda. Two workers claim different ones.
with lease as (
  select key as tool, value::integer as seconds from jsonb_each_text($3::jsonb)
),
due as (
  select job.job_id, job.due_at, job.payload_bytes, lease.seconds
  from ops.jobs as job
  join lease on lease.tool = job.tool
  left join ops.job_batches as batch on batch.batch_id = job.batch_id
  where job.status = 'pending'
    and job.due_at <= now()
    and batch.status is distinct from 'aborted'
    and not exists (
      select from ops.job_pauses as pause
      where (pause.scope, pause.name) in (('source', job.source), ('tool', job.tool))
    )
  order by job.due_at, job.job_id
  limit $2
  for update of job skip locked
),
fitting as (
  select job_id, seconds
  from (
    select
      job_id, seconds, row_number() over nth as number,
      -- What a job has beside its payload is less than 6,000 bytes.
      sum(payload_bytes + 6000) over nth as bytes
    from due
    window nth as (order by due_at, job_id)
  ) as summed
  where number = 1 or bytes <= 3500000
),
claimed as (
  update ops.jobs as job set
    status = 'processing',
    attempts = attempts + 1,
    lease_id = $1,
    leased_until = now() + make_interval(secs => fitting.seconds),
    percent = null,
    progress = null,
    changed_at = now()
  from fitting
  where job.job_id = fitting.job_id
  returning job.*
)
select
  claimed.job_id,
  claimed.origin,
  claimed.source,
  claimed.delivery_key,
  claimed.tool,
  claimed.tenant_id,
  claimed.received_at,
  claimed.max_attempts,
  claimed.direction,
  claimed.entity_type,
  claimed.content_type,
  coalesce(claimed.payload, '') as payload,
  claimed.attempts as attempt,
  original.call_id as replays_call
from claimed
left join ops.jobs as original on original.job_id = claimed.replay_of
order by claimed.due_at, claimed.job_id
