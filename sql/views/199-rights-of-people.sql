-- Lets the roles of people's statements read what the API and the operator may read: relations, and functions that
-- change nothing.
do $$
declare
  same record;
  readable record;
begin
  for same in
    select * from (values
      ('toolwatch_reader', 'toolwatch_tenant_sql'), ('toolwatch_operator', 'toolwatch_operator_sql')
    ) as roles (already, now_too)
  loop
    for readable in
      select pg_class.oid::regclass as name
      from pg_class
      where relnamespace in ('analytics'::regnamespace, 'rollup'::regnamespace) and relkind in ('r', 'p', 'v', 'm')
        and has_table_privilege(same.already, pg_class.oid, 'select')
    loop
      execute format('grant select on %s to %I', readable.name, same.now_too);
    end loop;
    for readable in
      select oid::regprocedure as name
      from pg_proc
      where pronamespace in ('analytics'::regnamespace, 'rollup'::regnamespace) and provolatile <> 'v'
        and has_function_privilege(same.already, oid, 'execute')
    loop
      execute format('grant execute on routine %s to %I', readable.name, same.now_too);
    end loop;
  end loop;
end
$$;
