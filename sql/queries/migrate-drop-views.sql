-- Drops everything that the files in sql/views make, and nothing that holds data.
do $$
declare
  name text;
begin
  for name in
    select format('drop %s if exists %s cascade', case relkind when 'm' then 'materialized view' else 'view' end, oid::regclass)
    from pg_class
    where relnamespace in ('analytics'::regnamespace, 'rollup'::regnamespace) and relkind in ('v', 'm')
  loop
    execute name;
  end loop;
  -- Aggregates first, for they stand on functions. No cascade: a table that needs a function keeps it, loudly.
  for name in
    select format('drop %s if exists %s', case prokind when 'a' then 'aggregate' else 'routine' end, oid::regprocedure)
    from pg_proc
    where pronamespace in ('analytics'::regnamespace, 'rollup'::regnamespace)
    order by prokind
  loop
    execute name;
  end loop;
end
$$
