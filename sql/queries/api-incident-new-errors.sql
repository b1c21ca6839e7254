-- The groups of kind $1, under the names $2, because of which people are notified that something fails in a new way by $3;
-- at most three, the most frequent first, with how many there are, and what was deployed before each.
select
  group_id, name, error_code, fault, error_type, error_message, state, calls, users,
  to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since,
  last_correlation_id as correlation_id, last_trace_id as trace_id,
  deployment.version as deployed_version,
  to_char(deployment.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as deployed_at,
  (count(*) over ())::integer as groups
from (
  select *, case when state = 'regressed' then regressed_at else first_seen_at end as since
  from analytics.v_error_groups
  where kind = $1::text and name = any ($2::text[]) and state in ('new', 'regressed', 'ongoing')
    and reported_at >= $3::timestamptz - interval '1 day'
) as reported
cross join lateral (
  select version, started_at
  from analytics.deployments
  where deployments.started_at <= since
  order by deployments.started_at desc, deployment_id desc
  limit 1
) as deployment
order by calls desc, group_id
limit 3
