-- Failures that are one failure: with one fingerprint, by one fault, over all hours retained. One row a group, of the
-- calls in scope and in their words; who decided something about it, and why, only the operator sees. `state`: `muted`
-- until muted_until; `resolved`, by somebody or because there was no call for 14 days; `regressed`, when it was seen
-- again after that, in a version that is not older than the one that resolved it; `new`, when it was first seen within a
-- day or since the newest deployment; else `ongoing`. That an alert rule could not be evaluated is no failure of a call.
create view analytics.v_error_groups with (security_barrier) as
with newest_deployment as (
  select coalesce(max(started_at), 'infinity') as started_at from analytics.deployments
),
in_scope as (
  select
    group_id, kind, name, fingerprint, error_code, fault, error_type, error_message, calls, users, tenants, oldest,
    newest, regressed_at, regressed_version, reported_at, newest as newest_of_all, oldest as oldest_of_all
  from rollup.error_groups
  where (select analytics.scope()) = '*' and calls > 0
  union all
  select
    own.group_id, own.kind, own.name, own.fingerprint, own.error_code, own.fault, own.error_type, own.error_message,
    own.calls, own.users, 1, own.oldest, own.newest, known.regressed_at, known.regressed_version, null, known.newest,
    known.oldest
  from rollup.tenant_error_groups as own
  join rollup.error_groups as known using (group_id)
  where own.tenant_id = (select analytics.scope()) and own.calls > 0
)
select
  kind,
  name,
  fingerprint,
  error_code,
  fault,
  error_type,
  error_message,
  calls,
  (
    select coalesce(sum(hour.calls), 0)::bigint
    from rollup.error_hour as hour
    where hour.kind = in_scope.kind and hour.name = in_scope.name and hour.fingerprint = in_scope.fingerprint
      and hour.error_code = in_scope.error_code and hour.fault = in_scope.fault
      and hour.bucket >= date_bin('1 hour', analytics.clock() - interval '24 hours', timestamptz 'epoch')
      and (select analytics.scope()) in (hour.tenant_id, '*')
  ) as calls_24h,
  tenants,
  (oldest).started_at as first_seen_at,
  (newest).started_at as last_seen_at,
  (newest).version as last_version,
  (newest).event_id as last_event_id,
  group_id,
  case
    when decided.muted_until > analytics.clock() then 'muted'
    when decided.state = 'resolved' and (regressed_at is null or regressed_at <= changed_at) then 'resolved'
    when greatest((newest_of_all).started_at, changed_at) < analytics.clock() - rollup.error_group_calm()
      then 'resolved'
    when regressed_at > coalesce(changed_at, '-infinity') then 'regressed'
    when (oldest_of_all).started_at >= analytics.clock() - interval '1 day'
      or (oldest_of_all).started_at >= newest_deployment.started_at then 'new'
    else 'ongoing'
  end as state,
  rollup.distinct_of(users) as users,
  (oldest).version as first_version,
  (newest).provider as provider,
  (newest).correlation_id as last_correlation_id,
  (newest).trace_id as last_trace_id,
  decided.version as resolved_in_version,
  decided.muted_until,
  decided.changed_at as state_changed_at,
  case when (select analytics.scope()) = '*' then decided.reason end as state_reason,
  case when (select analytics.scope()) = '*' then decided.changed_by end as state_changed_by,
  regressed_at,
  regressed_version,
  reported_at
from in_scope
left join ops.error_group_states as decided using (group_id)
cross join newest_deployment
where not rollup.is_evaluation(kind, name);

grant select on analytics.v_error_groups to toolwatch_reader, toolwatch_operator;

-- What one outside service does to the tools that depend on it, so that its outage is one row: groups by the fault of
-- the same provider, with the same code and type. Of the calls in scope.
create view analytics.v_upstream_errors with (security_invoker, security_barrier) as
select
  provider,
  error_code,
  coalesce(error_type, '') as error_type,
  count(distinct name) as names,
  (array_agg(distinct name order by name))[1:20] as first_names,
  count(*) as groups,
  case
    when bool_and(state = 'muted') then 'muted'
    when bool_and(state in ('muted', 'resolved')) then 'resolved'
    when bool_or(state = 'regressed') then 'regressed'
    when bool_and(state in ('muted', 'resolved', 'new')) then 'new'
    else 'ongoing'
  end as state,
  sum(calls)::bigint as calls,
  sum(calls_24h)::bigint as calls_24h,
  min(first_seen_at) as first_seen_at,
  max(last_seen_at) as last_seen_at,
  (array_agg(group_id order by last_seen_at desc))[1] as last_group_id
from analytics.v_error_groups
where fault = 'dependency' and provider is not null
group by provider, error_code, coalesce(error_type, '');

grant select on analytics.v_upstream_errors to toolwatch_reader, toolwatch_operator;
