-- The tenant that this transaction is bound to; NULL in one that is bound to none.
create function rollup.bound_tenant() returns text
language sql stable security definer set search_path = ''
as $$
  select tenant_id from rollup.bound_tenants where transaction_id = pg_current_xact_id_if_assigned()
$$;

-- Binds the rest of this transaction to a tenant, once. What follows must be `set transaction read only` and, in the
-- end, a rollback.
create function rollup.bind_tenant(tenant text) returns void
language sql volatile security definer set search_path = ''
as $$
  insert into rollup.bound_tenants (tenant_id) values (tenant)
$$;

grant execute on function rollup.bound_tenant() to toolwatch_writer, toolwatch_refresher, toolwatch_reader,
  toolwatch_retention, toolwatch_operator, toolwatch_operator_sql, toolwatch_tenant_sql;
grant execute on function rollup.bind_tenant(text) to toolwatch_tenant_sql;
