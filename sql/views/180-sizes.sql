-- How large each table is, with its partitions, and the percentage of its rows that are dead.
create view analytics.v_table_sizes as
select
  pg_namespace.nspname as schema_name,
  coalesce(parent.relname, pg_class.relname) as table_name,
  count(*) as parts,
  sum(pg_total_relation_size(pg_class.oid))::bigint as total_bytes,
  sum(pg_table_size(pg_class.oid))::bigint as table_bytes,
  sum(pg_indexes_size(pg_class.oid))::bigint as index_bytes,
  sum(coalesce(n_live_tup, 0))::bigint as live_rows,
  sum(coalesce(n_dead_tup, 0))::bigint as dead_rows,
  round(100.0 * sum(n_dead_tup) / nullif(sum(n_live_tup + n_dead_tup), 0), 1) as bloat_pct
from pg_class
join pg_namespace on pg_namespace.oid = relnamespace
left join pg_inherits on inhrelid = pg_class.oid
left join pg_class as parent on parent.oid = inhparent
left join pg_stat_all_tables on pg_stat_all_tables.relid = pg_class.oid
where pg_namespace.nspname in ('analytics', 'rollup', 'ops', 'migrations') and pg_class.relkind in ('r', 'm')
group by 1, 2;

-- How large each index is, and how often it is read.
create view analytics.v_index_sizes as
select
  schemaname as schema_name,
  coalesce(parent.relname, indexrelname) as index_name,
  sum(pg_relation_size(indexrelid))::bigint as bytes,
  sum(idx_scan)::bigint as scans
from pg_stat_all_indexes
left join pg_inherits on inhrelid = indexrelid
left join pg_class as parent on parent.oid = inhparent
where schemaname in ('analytics', 'rollup', 'ops')
group by 1, 2;

-- When a disk of disk_bytes will be full if the store grows as in the last 30 days; NULL while it does not grow, or
-- before there are three samples.
create function analytics.disk_full_at(disk_bytes bigint) returns timestamptz
language sql stable security definer set search_path = ''
as $$
  select case
    when count(*) >= 3 and regr_slope(database_bytes, extract(epoch from sampled_at)) > 0 then
      analytics.clock() + make_interval(secs => least(3e9,
        greatest(0, (disk_bytes - pg_database_size(current_database()))
          / regr_slope(database_bytes, extract(epoch from sampled_at)))))
  end
  from analytics.size_samples
  where sampled_at >= analytics.clock() - interval '30 days'
$$;

-- Stores a sample of how large the store is now, and returns it. Deletes samples after 400 days.
create function analytics.sample_sizes() returns analytics.size_samples
language sql security definer set search_path = ''
as $$
  delete from analytics.size_samples where sampled_at < analytics.clock() - interval '400 days';

  insert into analytics.size_samples
  select
    analytics.clock(), pg_database_size(current_database()),
    (select coalesce(sum(table_bytes), 0) from analytics.v_table_sizes),
    (select coalesce(sum(index_bytes), 0) from analytics.v_table_sizes)
  on conflict (sampled_at) do update set database_bytes = excluded.database_bytes
  returning *
$$;

grant select on analytics.v_table_sizes, analytics.v_index_sizes to toolwatch_operator, toolwatch_retention;
grant execute on function analytics.disk_full_at(bigint) to toolwatch_operator, toolwatch_retention;
grant execute on function analytics.sample_sizes() to toolwatch_retention;
