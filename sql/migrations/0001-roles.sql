-- One role per function, and one for people. They own nothing; what each may do is granted beside the thing granted.
-- Roles belong to the whole server: another database on it may have made them already, even this moment.
do $$
declare
  role_name text;
begin
  foreach role_name in array array[
    'toolwatch_writer', 'toolwatch_refresher', 'toolwatch_reader', 'toolwatch_retention', 'toolwatch_operator'
  ] loop
    begin
      execute format('create role %I login', role_name);
    exception when duplicate_object or unique_violation then null;
    end;
    -- On AWS this makes an IAM token the only way in.
    if exists (select from pg_roles where rolname = 'rds_iam') and not pg_has_role(role_name, 'rds_iam', 'member') then
      execute format('grant rds_iam to %I', role_name);
    end if;
    execute format('alter role %I in database %I set idle_in_transaction_session_timeout = %L',
      role_name, current_database(), '60s');
    execute format('grant connect on database %I to %I', current_database(), role_name);
  end loop;
  execute format('alter role toolwatch_reader in database %I set statement_timeout = %L', current_database(), '15s');
  execute format('alter role toolwatch_writer in database %I set lock_timeout = %L', current_database(), '20s');
  execute format('revoke all on database %I from public', current_database());
  -- Compiling a plan takes longer than any of our statements runs.
  execute format('alter database %I set jit = off', current_database());
end
$$;

create schema analytics;
create schema rollup;
revoke all on schema public from public;
alter default privileges revoke execute on functions from public;
grant usage on schema analytics to
  toolwatch_writer, toolwatch_refresher, toolwatch_reader, toolwatch_retention, toolwatch_operator;
grant usage on schema rollup to toolwatch_writer, toolwatch_reader, toolwatch_operator;
