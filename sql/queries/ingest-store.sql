-- Stores what was delivered, notes the batch for roll-up, keeps what may not be stored. $1 is one batch.
-- Answers how many were stored, were there before, and were refused.
with batch as materialized (
  select nextval('analytics.batch_ids') as batch_id
),
delivered as materialized (
  select *
  from unnest($1::analytics.delivered_v1[])
),
bounds as materialized (
  -- A clock may be an hour ahead; what is older than the horizon is gone already, and counted.
  select
    greatest(dropped_before, now() - interval '90 days') as earliest,
    now() + interval '2 hours' as latest
  from analytics.horizon
),
stored as (
  insert into analytics.invocations (
    event_id, kind, name, service, environment, version,
    started_at, finished_at, duration_ms, cold_start,
    success, error_code, error_type, error_message, error_fingerprint, fault, retryable, attempts,
    tenant_id, user_id, session_id, gpt_name, source_gpt, client_name, client_version, user_agent, provider, domain,
    correlation_id, trace_id, parent_id, replay_of,
    request_bytes, response_bytes, cost_usd, metadata, measures, batch_id
  )
  select delivered.*, (select batch_id from batch)
  from delivered
  where started_at between (select earliest from bounds) and (select latest from bounds)
  -- The same order in every writer, so that two who bring the same calls wait for each other and never both ways.
  order by started_at, event_id
  on conflict do nothing
  returning 1
),
refused as (
  insert into analytics.rejects (reject_id, reason, line)
  select distinct on (event_id) event_id, 'started_at is before what is kept, or in the future', left(to_jsonb(delivered)::text, 8192)
  from delivered
  where started_at not between (select earliest from bounds) and (select latest from bounds)
  order by event_id
  on conflict (reject_id) do update set
    last_seen_at = now(),
    deliveries = rejects.deliveries + 1
  returning 1
),
counts as (
  select
    (select count(*) from stored)::integer as stored,
    (select count(*) from refused)::integer as refused,
    (select count(*) from delivered)::integer as delivered
),
noted as (
  insert into rollup.pending_batches (batch_id, calls, first_started_at, last_started_at)
  select
    (select batch_id from batch),
    counts.stored,
    (select greatest(min(started_at), (select earliest from bounds)) from delivered),
    (select least(max(started_at), (select latest from bounds)) from delivered)
  from counts
  where counts.stored > 0
)
select
  stored,
  delivered - stored - refused as duplicates,
  refused
from counts
