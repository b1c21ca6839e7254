-- Notes how large the store is, and answers it with the bloat and the slowest statement.
select
  database_bytes,
  index_bytes,
  coalesce((select round(100.0 * sum(dead_rows) / nullif(sum(live_rows + dead_rows), 0), 1) from analytics.v_table_sizes), 0) as bloat_pct,
  (select max(mean_exec_ms) from analytics.slow_statements()) as slowest_statement_ms
from analytics.sample_sizes()
