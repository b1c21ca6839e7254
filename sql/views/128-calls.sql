-- Calls as roll-up counts them: a failure without a code or a fault is our own, keys have a length that an index takes,
-- and failures of tools that do not exist are one group, because callers invent the names. Without the calls that wait
-- to be counted singly and those that could not be counted.
create view rollup.calls as
select
  batch_id,
  event_id,
  started_at,
  rollup.key_of(tenant_id) as tenant_id,
  kind,
  rollup.key_of(name) as name,
  case when success then '' else coalesce(error_code, 'INTERNAL_ERROR') end as error_code,
  case when success then '' else coalesce(fault, 'ours') end as fault,
  cold_start,
  duration_ms,
  rollup.bucket_of(duration_ms) as slot,
  round(duration_ms * 1000)::bigint as duration_us,
  attempts - 1 as retries,
  request_bytes,
  response_bytes,
  cost_usd::numeric as cost_usd,
  success,
  rollup.fingerprint_of(kind, name, error_type, error_fingerprint) as fingerprint,
  error_type,
  error_message,
  version,
  metadata,
  measures,
  rollup.method_of(metadata, name) as http_method,
  rollup.path_of(metadata, name) as http_path,
  rollup.status_of(metadata, case when success then '' else coalesce(error_code, 'INTERNAL_ERROR') end) as http_status,
  user_id,
  correlation_id,
  trace_id,
  provider
from analytics.invocations
where not exists (
  select from rollup.uncounted_calls
  where uncounted_calls.started_at = invocations.started_at and uncounted_calls.event_id = invocations.event_id
);

-- The calls that began in [first_moment, until): those of only_batches, which must be in ascending order, all but
-- those of except_batches, and only those with these event ids. Each of the three may be NULL. The planner replaces a
-- call of this function by its query, so it costs nothing and the indexes are used; that holds only while it is one SQL
-- statement without a SET clause and not a security definer.
create function rollup.select_calls(
  first_moment timestamptz, until timestamptz, only_batches bigint[], except_batches bigint[], only_events uuid[]
) returns setof rollup.calls
language sql stable
as $$
  select *
  from rollup.calls
  where started_at >= first_moment and started_at < until
    -- The range finds the rows in the index on batches; the list leaves out batches in between.
    and (only_batches is null or (
      batch_id between only_batches[1] and only_batches[cardinality(only_batches)] and batch_id = any (only_batches)))
    and (except_batches is null or batch_id <> all (except_batches))
    and (only_events is null or event_id = any (only_events))
$$;
