-- The roles of the function that runs people's statements: one reads as the operator, one as a single tenant. Neither
-- may change anything; what they may read is in views/199-rights-of-people.sql.
do $$
declare
  role_name text;
begin
  foreach role_name in array array['toolwatch_operator_sql', 'toolwatch_tenant_sql'] loop
    begin
      execute format('create role %I login', role_name);
    exception when duplicate_object or unique_violation then null;
    end;
    if exists (select from pg_roles where rolname = 'rds_iam') and not pg_has_role(role_name, 'rds_iam', 'member') then
      execute format('grant rds_iam to %I', role_name);
    end if;
    execute format('grant connect on database %I to %I', current_database(), role_name);
    execute format('alter role %I in database %I set idle_in_transaction_session_timeout = %L',
      role_name, current_database(), '60s');
    execute format('alter role %I in database %I set default_transaction_read_only = on', role_name, current_database());
    execute format('alter role %I in database %I set search_path = analytics, public', role_name, current_database());
  end loop;
end
$$;
grant usage on schema analytics, rollup to toolwatch_operator_sql, toolwatch_tenant_sql;

-- The tenant that a transaction of toolwatch_tenant_sql reads as. A setting like app.tenant_id would not do: a statement
-- of a person's may change settings. The row is written before the transaction becomes read-only and never committed, so
-- the statement can neither change it nor see that of another transaction.
create table rollup.bound_tenants (
  transaction_id xid8 primary key default pg_current_xact_id(),
  tenant_id      text collate "C" not null,
  constraint is_one_tenant check (tenant_id not in ('', '*'))
);
alter table rollup.bound_tenants enable row level security, force row level security;
create policy owner_keeps on rollup.bound_tenants to toolwatch_owner using (true) with check (true);
create policy tenant_sees_own on rollup.bound_tenants for select to toolwatch_tenant_sql
  using (transaction_id = pg_current_xact_id_if_assigned());
grant select on rollup.bound_tenants to toolwatch_tenant_sql;

-- Each row that the API may show a tenant, and no other.
do $$
declare
  protected record;
begin
  for protected in
    select schemaname, tablename from pg_policies
    where policyname = 'tenant_sees_own' and 'toolwatch_reader' = any (roles)
  loop
    execute format(
      'create policy bound_tenant_sees_own on %I.%I for select to toolwatch_tenant_sql using (tenant_id = (
        select bound.tenant_id from rollup.bound_tenants as bound
        where bound.transaction_id = pg_current_xact_id_if_assigned()))',
      protected.schemaname, protected.tablename);
  end loop;
  for protected in
    select schemaname, tablename from pg_policies
    where policyname = 'operator_sees_all' and 'toolwatch_operator' = any (roles)
  loop
    execute format('create policy operator_reads_all on %I.%I for select to toolwatch_operator_sql using (true)',
      protected.schemaname, protected.tablename);
  end loop;
end
$$;
