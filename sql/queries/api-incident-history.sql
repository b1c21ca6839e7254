-- What is known about a cause, beside its calls: how often it was an incident within 90 days, without the incident $2,
-- and how the last one went; and what was deployed within a day before $3. $1 is the cause. $3 is the minute in which it
-- began, so what was deployed within that minute may have come before.
with earlier as materialized (
  select began_at, ended_at, state, duration_seconds, version_at_end
  from analytics.v_incidents
  where cause = $1 and incident_id <> $2 and state <> 'open' and began_at >= $3::timestamptz - interval '90 days'
    and began_at < $3::timestamptz
),
latest as (
  select *
  from earlier
  order by began_at desc
  limit 1
),
newest_deployment as (
  select version, started_at
  from analytics.deployments
  where deployments.started_at < $3::timestamptz + interval '1 minute'
    and deployments.started_at > $3::timestamptz - interval '1 day'
  order by deployments.started_at desc, deployment_id desc
  limit 1
)
select
  (select count(*)::integer from earlier) as seen_before,
  to_char(latest.began_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_began_at,
  latest.state as last_state,
  latest.duration_seconds as last_duration_seconds,
  latest.version_at_end as last_version_at_end,
  newest_deployment.version as deployed_version,
  to_char(newest_deployment.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as deployed_at
from (values (1)) as always
left join latest on true
left join newest_deployment on true
