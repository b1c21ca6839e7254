-- The rows this transaction may see: a tenant's; '*' for all tenants'; NULL for none.
-- A session signed in with the operator's role sees all tenants unless it sets a tenant.
create function analytics.scope() returns text
language sql stable parallel safe
as $$
  select coalesce(
    nullif(current_setting('app.tenant_id', true), ''),
    case when pg_has_role(current_user, 'toolwatch_operator', 'usage') then '*' end)
$$;

grant execute on function analytics.scope() to public;
