-- The state of the store, for the doctor: its indexes and whether they are valid, for how many days ahead there are
-- partitions, the size of the default partition, and how many batches are pending.
select
  (
    select json_agg(json_build_object('name', coalesce(parent.relname, index.relname), 'valid', indisvalid))
    from pg_index
    join pg_class as index on index.oid = indexrelid
    join pg_namespace on pg_namespace.oid = index.relnamespace
    left join pg_inherits on inhrelid = indexrelid
    left join pg_class as parent on parent.oid = inhparent
    where nspname in ('analytics', 'rollup', 'ops')
  ) as indexes,
  (
    select coalesce(max(to_date(right(relname, 8), 'YYYYMMDD')) - (now() at time zone 'UTC')::date, 0)
    from pg_inherits
    join pg_class on pg_class.oid = inhrelid
    where inhparent = 'analytics.invocations'::regclass and relname ~ '^invocations_[0-9]{8}$'
  ) as days_ahead,
  pg_relation_size('analytics.invocations_default')::double precision as undated_bytes,
  pending_batches::integer as waiting_batches
from analytics.freshness
