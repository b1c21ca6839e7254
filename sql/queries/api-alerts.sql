-- How many conditions need attention, and the conditions themselves, the critical ones first; at most $1.
with conditions as materialized (
  select tenant_id, type, severity, resource_id, resource_name, message
  from analytics.v_alert_conditions
),
listed as (
  select *
  from conditions
  order by severity = 'critical' desc, type, resource_name, resource_id, tenant_id
  limit $1
)
select
  count(*) as total,
  count(*) filter (where severity = 'critical') as critical,
  count(*) filter (where severity = 'warning') as warning,
  (
    select coalesce(json_agg(row_to_json(listed)), '[]')
    from listed
  ) as alerts
from conditions
