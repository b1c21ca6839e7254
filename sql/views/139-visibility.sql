-- What this transaction is shown. Figures over all calls cost less to read, so a tenant that is the only one in the
-- store is shown those: they are its own. One of several tenants is shown figures from its own cells. Without a
-- scope: nothing.
create view rollup.visibility as
select
  scope is not null and (scope = '*' or not has_other_tenants) as shows_all_calls,
  scope is not null and scope <> '*' and has_other_tenants as shows_own_calls
from (
  select scope, exists (select from rollup.tenants where tenant_id <> scope) as has_other_tenants
  from analytics.scope() as scope
) as tenants_in_store;
