-- Lets the index on batches know of rows stored lately in these days; until then they would be found by reading everything.
-- Autovacuum does the same, later. It does not wait for a vacuum at work: then only time is lost.
create function rollup.index_new_batches(first_moment timestamptz, last_moment timestamptz) returns void
language plpgsql set search_path = ''
as $$
declare
  found_index regclass;
  waited text := current_setting('lock_timeout');
begin
  perform set_config('lock_timeout', '50ms', true);
  for found_index in
    select pg_index.indexrelid
    from pg_catalog.pg_inherits
    join pg_catalog.pg_index on pg_index.indexrelid = pg_inherits.inhrelid
    join pg_catalog.pg_class on pg_class.oid = pg_index.indrelid
    where inhparent = 'analytics.invocations_by_batch'::regclass
      and (
        relname = 'invocations_default'
        or right(relname, 8) between to_char(first_moment at time zone 'UTC', 'YYYYMMDD')
          and to_char(last_moment at time zone 'UTC', 'YYYYMMDD')
      )
  loop
    begin
      perform brin_summarize_new_values(found_index);
    exception when lock_not_available then null;
    end;
  end loop;
  perform set_config('lock_timeout', waited, true);
end
$$;
