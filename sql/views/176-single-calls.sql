-- Calls, one row each, as the API shows them: with the group of a failure, and the words of our own errors for the
-- operator only. Read it by the key of a call: it hides from the planner how its rows are sorted.
create view analytics.single_calls with (security_invoker, security_barrier) as
select
  event_id, started_at, finished_at, created_at, kind, name, tenant_id, service, environment, version,
  duration_ms, cold_start, success, error_code, error_type,
  case when fault in ('caller', 'dependency') or (select analytics.scope()) = '*' then error_message end as error_message,
  error_fingerprint, fault, retryable, attempts,
  case when not success then rollup.group_id_of(
    kind, rollup.key_of(name), rollup.fingerprint_of(kind, name, error_type, error_fingerprint),
    coalesce(error_code, 'INTERNAL_ERROR'), coalesce(fault, 'ours')) end as group_id,
  user_id, session_id, gpt_name, source_gpt, client_name, client_version, user_agent, provider, domain,
  correlation_id, trace_id, parent_id, replay_of, request_bytes, response_bytes, cost_usd, metadata, measures
from analytics.invocations;

grant select on analytics.single_calls to toolwatch_reader, toolwatch_operator;
