-- Sets the scope of the rest of this transaction: a tenant, or '*' for all tenants.
-- A function, because a statement that calls set_config itself makes a database proxy pin the connection to its client.
create function analytics.read_as(tenant text) returns void
language plpgsql
as $$
begin
  perform set_config('app.tenant_id', tenant, true);
end
$$;

grant execute on function analytics.read_as(text) to public;
