-- True when the tenant's own figures must be taken from its own cells, because others have called too, ever. The house, and
-- an only tenant, may be shown the figures of all calls, which cost less to read.
create view rollup.scope_is_one_of_many as
select
  analytics.scope() <> '*'
  and exists (select from rollup.tenants where tenant_id <> analytics.scope()) as it_is;
