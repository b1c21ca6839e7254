-- Who called tool $1 in the last 24 hours, of its newest $2 calls: versions, clients, users and tenants, of each the ten
-- with most calls. Failures leave out those that are the caller's fault. The limit is a query of its own because of the
-- planner: by it a search that ends early looks cheap, as it is.
with newest as materialized (
  select
    not success and coalesce(fault, 'ours') <> 'caller' as failed,
    version,
    client_name || coalesce(' ' || client_version, '') as client,
    user_id,
    tenant_id
  from analytics.invocations
  where kind = 'tool' and name = $1 and started_at >= (select now() - interval '24 hours')
  order by invocations.started_at desc, event_id desc
  limit (select $2::bigint)
),
parts as (
  select dimension, name, count(*)::integer as calls, (count(*) filter (where failed))::integer as failures
  from newest
  cross join lateral (values ('version', version), ('client', client), ('user', user_id), ('tenant', tenant_id))
    as part (dimension, name)
  where name is not null
  group by dimension, name
),
ranked as (
  select *, row_number() over (partition by dimension order by calls desc, name) as place from parts
),
first_ten as (
  select
    dimension,
    json_agg(json_build_object('name', name, 'calls', calls, 'failures', failures) order by place) as parts
  from ranked
  where place <= 10
  group by dimension
)
select
  (select count(*)::integer from newest) as calls,
  (select count(*) from newest) = $2 as is_sample,
  coalesce((select parts from first_ten where dimension = 'version'), '[]') as versions,
  coalesce((select parts from first_ten where dimension = 'client'), '[]') as clients,
  coalesce((select parts from first_ten where dimension = 'user'), '[]') as users,
  coalesce((select parts from first_ten where dimension = 'tenant'), '[]') as tenants
