-- Says whose rows the rest of this transaction reads: a tenant's, or with '*' the house's. A function, because a proxy keeps a
-- connection for whoever says set_config itself.
create function analytics.read_as(tenant text) returns void
language plpgsql
as $$
begin
  perform set_config('app.tenant_id', tenant, true);
end
$$;

grant execute on function analytics.read_as(text) to public;
