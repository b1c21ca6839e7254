-- Stores what was delivered, notes the batch for roll-up, keeps what may not be stored.
-- $1 is the batch, each key once, in the order of (started_at, event_id): all writers keep to it, so that two who bring the same
-- calls wait for each other and never both ways. $2 is how many came, $3 and $4 the first and last started_at, $5 the first
-- event_id. Nearly every batch is new, and inserting what is new costs a quarter less where conflicts need not be looked
-- for. So they are looked for when the first call is known already, for then all came again, or when $6 says so: do that
-- after unique_violation, which undoes all of this.
-- Answers how many were stored, were there before, and were refused.
with bounds as materialized (
  -- A clock may be an hour ahead; what is older than the horizon is gone already, and counted.
  select
    greatest(dropped_before, now() - interval '90 days') as earliest,
    now() + interval '2 hours' as latest,
    analytics.next_batch_id() as batch_id
  from analytics.horizon
),
known as materialized (
  select
    $6::boolean or exists (
      select from analytics.invocations where started_at = $3::timestamptz and event_id = $5::uuid
    ) as it_is
),
stored_new as (
  insert into analytics.invocations (
    event_id, kind, name, service, environment, version,
    started_at, finished_at, duration_ms, cold_start,
    success, error_code, error_type, error_message, error_fingerprint, fault, retryable, attempts,
    tenant_id, user_id, session_id, gpt_name, source_gpt, client_name, client_version, user_agent, provider, domain,
    correlation_id, trace_id, parent_id, replay_of,
    request_bytes, response_bytes, cost_usd, metadata, measures, batch_id
  )
  select delivered.*, (select batch_id from bounds)
  from unnest($1::analytics.delivered_v1[]) as delivered
  where not (select it_is from known)
    and started_at between (select earliest from bounds) and (select latest from bounds)
  returning 1
),
stored_missing as (
  insert into analytics.invocations (
    event_id, kind, name, service, environment, version,
    started_at, finished_at, duration_ms, cold_start,
    success, error_code, error_type, error_message, error_fingerprint, fault, retryable, attempts,
    tenant_id, user_id, session_id, gpt_name, source_gpt, client_name, client_version, user_agent, provider, domain,
    correlation_id, trace_id, parent_id, replay_of,
    request_bytes, response_bytes, cost_usd, metadata, measures, batch_id
  )
  select delivered.*, (select batch_id from bounds)
  from unnest($1::analytics.delivered_v1[]) as delivered
  where (select it_is from known)
    and started_at between (select earliest from bounds) and (select latest from bounds)
  on conflict do nothing
  returning 1
),
refused as (
  insert into analytics.rejects (reject_id, reason, line)
  select distinct on (event_id)
    event_id, 'started_at is before what is kept, or in the future', left(to_jsonb(delivered)::text, 8192)
  from unnest($1::analytics.delivered_v1[]) as delivered
  where ($3::timestamptz < (select earliest from bounds) or $4::timestamptz > (select latest from bounds))
    and started_at not between (select earliest from bounds) and (select latest from bounds)
  order by event_id
  on conflict (reject_id) do update set
    last_seen_at = now(),
    deliveries = rejects.deliveries + 1
  returning 1
),
counts as materialized (
  select
    ((select count(*) from stored_new) + (select count(*) from stored_missing))::integer as stored,
    (select count(*) from refused)::integer as refused
),
noted as (
  insert into rollup.pending_batches (batch_id, calls, first_started_at, last_started_at)
  select batch_id, stored, greatest($3::timestamptz, earliest), least($4::timestamptz, latest)
  from counts
  cross join bounds
  where stored > 0
)
select
  stored,
  $2::integer - stored - refused as duplicates,
  refused
from counts
