-- Drops everything that the files in sql/views create, and nothing that holds data.
do $$
declare
  -- All names first: after a cascade has dropped an object, its name can no longer be looked up.
  drops text[] := (
    select array_agg(format('drop %s if exists %I.%I cascade',
      case relkind when 'm' then 'materialized view' else 'view' end, nspname, relname))
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    where nspname in ('analytics', 'rollup') and relkind in ('v', 'm')
  );
  drop_statement text;
begin
  foreach drop_statement in array coalesce(drops, '{}') loop
    execute drop_statement;
  end loop;
  -- Aggregates first, because they depend on functions. Without cascade: if a table depends on a function, this must
  -- fail.
  drops := (
    select array_agg(format('drop %s if exists %s',
      case prokind when 'a' then 'aggregate' else 'routine' end, oid::regprocedure) order by prokind)
    from pg_proc
    where pronamespace in ('analytics'::regnamespace, 'rollup'::regnamespace)
  );
  foreach drop_statement in array coalesce(drops, '{}') loop
    execute drop_statement;
  end loop;
end
$$
