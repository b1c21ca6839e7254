-- Stores a deployment of version $1 to environment $2 that applied migrations $3. Repeating the newest adds nothing.
insert into analytics.deployments (version, environment, migrations)
select $1::text, $2::text, $3::text[]
where not exists (
  select from (
    select version, environment from analytics.deployments order by started_at desc, deployment_id desc limit 1
  ) as newest
  where version = $1 and environment = $2
)
