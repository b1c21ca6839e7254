-- Failures with the same fingerprint, over all hours retained. first_seen_at and last_version show whether a deployment
-- caused them.
create view analytics.v_error_groups with (security_invoker, security_barrier) as
select
  kind,
  name,
  fingerprint,
  error_code,
  fault,
  min(error_type) as error_type,
  min(error_message) as error_message,
  sum(calls)::bigint as calls,
  coalesce(sum(calls) filter (
    where bucket >= (select date_bin('1 hour', analytics.clock() - interval '24 hours', timestamptz 'epoch'))
  ), 0)::bigint as calls_24h,
  count(distinct tenant_id) as tenants,
  min(first_seen_at) as first_seen_at,
  max(last_seen_at) as last_seen_at,
  max(last_version) as last_version,
  (array_agg(last_event_id order by last_seen_at desc))[1] as last_event_id
from rollup.error_hour
group by kind, name, fingerprint, error_code, fault;

grant select on analytics.v_error_groups to toolwatch_reader, toolwatch_operator;
