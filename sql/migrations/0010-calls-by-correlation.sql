-- Finds the calls with one correlation id among those of many days. For every 32 pages it knows which ids may be in
-- them; one in a hundred is read in vain. It costs an insert next to nothing, because autovacuum adds what is new.
-- started_at is in it for the planner, which would take an index on the id alone to find something everywhere.
create index calls_by_correlation on analytics.invocations
  using brin (started_at, correlation_id text_bloom_ops (n_distinct_per_range = 2000, false_positive_rate = 0.01))
  with (pages_per_range = 32, autosummarize = on);
