-- The domains at which operations of the provider $1 were tried since $2, by name, at most 100: how many were tried, and
-- how many failed by the domain's fault, of the newest 20,000.
with newest as materialized (
  select domain, success, fault, duration_ms
  from analytics.invocations
  where domain is not null and provider = $1 and started_at >= $2::timestamptz
  order by invocations.started_at desc, event_id desc
  limit 20000
)
select
  domain,
  count(*)::integer as calls,
  (count(*) filter (where not success and fault = 'dependency'))::integer as failures,
  -- Of what succeeded; where nothing did, of all.
  round(coalesce(avg(duration_ms) filter (where success), avg(duration_ms)))::double precision as response_time_ms
from newest
group by domain
order by domain
limit 100
