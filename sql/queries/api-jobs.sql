-- Jobs that were received in [$1, $2), the last first, at most $3, before the one that was received at $4 and has the id
-- $5, where these are not NULL. Only those that fit the parameters from $6 on that are not NULL.
select
  job_id, origin, source, delivery_key, tool, tenant_id, status,
  to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as received_at,
  to_char(due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as due_at,
  attempts, max_attempts, direction, entity_type,
  to_char(leased_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as leased_until,
  to_char(processed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as processed_at,
  error_code,
  case when (select analytics.scope()) = '*' then error_message end as error_message,
  case when (select analytics.scope()) = '*' then reason end as reason,
  percent, progress, call_id, replay_of,
  (select replay.job_id from ops.jobs as replay where replay.replay_of = job.job_id) as replayed_by,
  batch_id, content_type, payload_bytes,
  to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as cursor_at,
  payload is not null as has_payload
from ops.jobs as job
where received_at >= $1::timestamptz and received_at < $2::timestamptz
  and ($4::timestamptz is null or (received_at, job_id) < ($4::timestamptz, $5::uuid))
  and ($6::text is null or status = $6)
  and ($7::text is null or source = $7)
  and ($8::text is null or tool = $8)
  and ($9::text is null or origin = $9)
  and ($10::uuid is null or batch_id = $10)
  and ($11::uuid is null or job_id = $11)
order by job.received_at desc, job_id desc
limit $3
