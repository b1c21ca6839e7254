-- Synchronisations, one row each. A run is a call of kind sync, named direction:entity_type.
create view analytics.sync_log with (security_invoker, security_barrier) as
select
  event_id as id,
  tenant_id,
  split_part(name, ':', 1) as direction,
  split_part(name, ':', 2) as entity_type,
  case when success then 'success' else 'error' end as status,
  started_at,
  finished_at,
  error_message
from analytics.invocations
where kind = 'sync';

grant select on analytics.sync_log to toolwatch_reader, toolwatch_operator;
