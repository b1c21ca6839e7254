-- Whose rows this transaction may see: a tenant, '*' for the house, NULL for nobody. People who operate the store are the
-- house unless they say otherwise.
create function analytics.scope() returns text
language sql stable parallel safe
as $$
  select coalesce(
    nullif(current_setting('app.tenant_id', true), ''),
    case when pg_has_role(current_user, 'toolwatch_operator', 'usage') then '*' end)
$$;

grant execute on function analytics.scope() to public;
