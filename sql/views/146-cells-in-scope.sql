-- The hourly cells a transaction may see: of all calls for the operator, of its own calls for a tenant, none without
-- a scope.
create view rollup.cells_in_scope as
select
  bucket, kind, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries, cost_usd,
  last_started_at, histogram
from rollup.tool_hour
where (select shows_all_calls from rollup.visibility)
union all
select
  bucket, kind, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries, cost_usd,
  last_started_at, histogram
from rollup.tenant_hour
where tenant_id = (select analytics.scope()) and (select shows_own_calls from rollup.visibility);
