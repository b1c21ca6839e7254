-- The rows this transaction may see: a tenant's; '*' for all tenants'; NULL for none.
-- A session signed in with an operator's role sees all tenants unless it sets a tenant. One signed in as
-- toolwatch_tenant_sql sees the tenant that its transaction is bound to, whatever it sets: the user who signed in stays
-- the same, as the current user would not.
create function analytics.scope() returns text
language sql stable parallel safe
as $$
  select case
    when session_user = 'toolwatch_tenant_sql' then rollup.bound_tenant()
    else coalesce(
      nullif(current_setting('app.tenant_id', true), ''),
      case when pg_has_role(current_user, 'toolwatch_operator', 'usage') or current_user = 'toolwatch_operator_sql'
        then '*' end)
  end
$$;

grant execute on function analytics.scope() to public;
