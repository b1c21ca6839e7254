-- Adds recently stored rows of these days to the index on batches; without it, roll-up would read whole partitions to
-- find them. Autovacuum does the same, later. While a vacuum holds an index this skips it, which only makes roll-up
-- slower.
create function rollup.index_new_batches(first_moment timestamptz, last_moment timestamptz) returns void
language plpgsql set search_path = ''
as $$
declare
  batch_index regclass;
  previous_lock_timeout text := current_setting('lock_timeout');
begin
  perform set_config('lock_timeout', '50ms', true);
  for batch_index in
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
      perform brin_summarize_new_values(batch_index);
    exception when lock_not_available then null;
    end;
  end loop;
  perform set_config('lock_timeout', previous_lock_timeout, true);
end
$$;
