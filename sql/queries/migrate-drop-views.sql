-- Drops everything that the files in sql/views make, and nothing that holds data.
do $$
declare
  -- All names first: a name looked up after a cascade took its owner is only a number.
  drops text[] := (
    select array_agg(format('drop %s if exists %I.%I cascade',
      case relkind when 'm' then 'materialized view' else 'view' end, nspname, relname))
    from pg_class
    join pg_namespace on pg_namespace.oid = relnamespace
    where nspname in ('analytics', 'rollup') and relkind in ('v', 'm')
  );
  one text;
begin
  foreach one in array coalesce(drops, '{}') loop
    execute one;
  end loop;
  -- Aggregates first, for they stand on functions. No cascade: a table that needs a function keeps it, loudly.
  drops := (
    select array_agg(format('drop %s if exists %s', case prokind when 'a' then 'aggregate' else 'routine' end, oid::regprocedure)
      order by prokind)
    from pg_proc
    where pronamespace in ('analytics'::regnamespace, 'rollup'::regnamespace)
  );
  foreach one in array coalesce(drops, '{}') loop
    execute one;
  end loop;
end
$$
