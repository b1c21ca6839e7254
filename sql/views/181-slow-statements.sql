-- The ten statements with the highest average time, if the server counts statements (the extension pg_stat_statements);
-- otherwise no rows.
create function analytics.slow_statements()
returns table (
  query text,
  calls bigint,
  mean_exec_ms double precision,
  total_exec_ms double precision,
  rows_per_call double precision
)
language plpgsql stable security definer set search_path = ''
as $$
declare
  extension_schema text := (
    select nspname
    from pg_catalog.pg_extension
    join pg_catalog.pg_namespace on pg_namespace.oid = extnamespace
    where extname = 'pg_stat_statements');
begin
  if extension_schema is null
    or position('pg_stat_statements' in current_setting('shared_preload_libraries')) = 0
  then
    return;
  end if;
  return query execute format(
    'select left(s.query, 1000), s.calls, s.mean_exec_time, s.total_exec_time, s.rows::double precision / s.calls
     from %I.pg_stat_statements as s
     where s.dbid = (select oid from pg_catalog.pg_database where datname = current_database()) and s.calls > 0
     order by s.mean_exec_time desc
     limit 10', extension_schema);
end
$$;

create view analytics.v_slow_statements as select * from analytics.slow_statements();

-- The same under the names of the extension's own view, which only a superuser may read as a whole.
create view analytics.pg_stat_statements as
select query, calls, mean_exec_ms as mean_exec_time, total_exec_ms as total_exec_time
from analytics.slow_statements();

grant execute on function analytics.slow_statements() to toolwatch_operator, toolwatch_retention;
grant select on analytics.v_slow_statements, analytics.pg_stat_statements to toolwatch_operator;
