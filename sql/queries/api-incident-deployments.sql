-- Deployments in the day before $1 and until $2, earliest first, at most 20.
select version, to_char(started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as started_at
from analytics.deployments
where started_at >= $1::timestamptz - interval '1 day' and started_at <= $2::timestamptz
order by deployments.started_at, deployment_id
limit 20
