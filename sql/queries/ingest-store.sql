-- Stores a batch of calls, records it for roll-up, and keeps as rejects the calls that may not be stored. $1 is the
-- batch: each key once, in the order of (started_at, event_id). All writers use that order, so two that bring the
-- same calls wait for each other without a deadlock. $2 is how many calls were delivered, $3 and $4 the first and
-- last started_at, $5 the first event_id, $6 whether to look for stored calls in any case. Nearly every batch is new,
-- and an insert that need not look for conflicts costs a quarter less. So conflicts are looked for only if the first
-- call is stored already (then the whole batch was delivered before) or if $6 says so: set it after a
-- unique_violation, which undoes the whole statement. Returns how many calls were stored, were stored before, and
-- were refused.
with bounds as materialized (
  -- A caller's clock may be ahead. What began before the horizon was dropped, and is counted in the roll-ups already.
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
    ) as may_be_stored
),
-- In the table's own order of columns, so that the inserts need not name them; only the batch of a call that may not be
-- stored is NULL. Not materialized: that would copy each row once more.
calls as not materialized (
  select
    started_at, finished_at, now() as created_at,
    case
      when started_at between (select earliest from bounds) and (select latest from bounds)
        then (select batch_id from bounds)
    end as batch_id,
    duration_ms, event_id, attempts, cold_start, success, kind, name, tenant_id, service, environment, version,
    correlation_id, error_code, fault, error_type, error_message, error_fingerprint, retryable, user_id, session_id,
    gpt_name, source_gpt, client_name, client_version, user_agent, provider, domain, trace_id, parent_id, replay_of,
    request_bytes, response_bytes, cost_usd, metadata, measures
  from unnest($1::analytics.delivered_v1[])
),
stored_new as (
  insert into analytics.invocations
  select * from calls
  where not (select may_be_stored from known) and batch_id is not null
  returning 1
),
stored_missing as (
  insert into analytics.invocations
  select * from calls
  where (select may_be_stored from known) and batch_id is not null
  on conflict do nothing
  returning 1
),
refused as (
  insert into analytics.rejects (reject_id, reason, line)
  select distinct on (event_id)
    event_id, 'started_at is before the retention period, or in the future',
    left((to_jsonb(calls) - 'created_at' - 'batch_id')::text, 8192)
  from calls
  where batch_id is null
    and ($3::timestamptz < (select earliest from bounds) or $4::timestamptz > (select latest from bounds))
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
pending as (
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
