-- The newest deployments, at most $1.
select version, environment, started_at, migrations
from analytics.deployments
order by started_at desc, deployment_id desc
limit $1
