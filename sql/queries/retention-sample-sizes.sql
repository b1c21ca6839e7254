-- Stores a sample of how large the store is and returns it, with the percentage of dead rows, the average time of the
-- slowest statement, and in how many days a disk of $1 bytes will be full.
select
  database_bytes,
  index_bytes,
  coalesce((
    select round(100.0 * sum(dead_rows) / nullif(sum(live_rows + dead_rows), 0), 1) from analytics.v_table_sizes
  ), 0) as bloat_pct,
  (select max(mean_exec_ms) from analytics.slow_statements()) as slowest_statement_ms,
  case
    when $1::bigint > 0
      then extract(epoch from analytics.disk_full_at($1::bigint) - analytics.clock())::double precision / 86400
  end as disk_full_in_days
from analytics.sample_sizes()
