-- How often each statement runs and how long it takes, where the server counts them and lets its master user have the extension,
-- as RDS and Aurora do. Without it v_slow_statements is empty.
do $$
begin
  if exists (select from pg_available_extensions where name = 'pg_stat_statements' and installed_version is null) then
    create extension pg_stat_statements;
  end if;
exception when insufficient_privilege then
  raise notice 'pg_stat_statements is not installed: %', sqlerrm;
end
$$;
