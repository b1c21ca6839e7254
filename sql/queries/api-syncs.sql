-- Synchronisations of the last 24 hours, those that fail most first, at most $1.
select
  tenant_id, direction, entity_type, total_operations::double precision as total_operations,
  failed_operations::double precision as failed_operations, coalesce(success_rate, 0)::double precision as success_rate,
  avg_duration_ms,
  to_char(last_success_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_success_at,
  to_char(last_error_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_error_at
from analytics.v_sync_health
order by coalesce(v_sync_health.success_rate, 0), direction, entity_type, tenant_id
limit $1
