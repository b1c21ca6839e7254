-- The newest deployments, at most $1.
select
  version, environment, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at, migrations
from analytics.deployments
order by deployments.started_at desc, deployment_id desc
limit $1
