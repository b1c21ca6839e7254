-- Whose rows this transaction may see: a tenant, '*' for the house, NULL for nobody.
create function analytics.scope() returns text
language sql stable parallel safe
as $$ select nullif(current_setting('app.tenant_id', true), '') $$;

grant execute on function analytics.scope() to public;
