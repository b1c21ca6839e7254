-- The hours a transaction may see: all calls for the house, its own for a tenant, none for nobody.
create view rollup.cells_in_scope as
select bucket, kind, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries, cost_usd, last_started_at, histogram
from rollup.tool_hour
where (select analytics.scope()) is not null and not (select it_is from rollup.scope_is_one_of_many)
union all
select bucket, kind, name, error_code, fault, cold_start, calls, total_us, min_ms, max_ms, retries, cost_usd, last_started_at, histogram
from rollup.tenant_hour
where tenant_id = (select analytics.scope()) and (select it_is from rollup.scope_is_one_of_many);
