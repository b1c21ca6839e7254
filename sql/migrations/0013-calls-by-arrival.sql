-- Finds the calls that were stored in some hours, and those of a tool or of a domain, among the calls of many days. For
-- every 32 pages it knows the first and the last time at which they were stored, and which names and domains may be in
-- them. It costs an insert next to nothing, because autovacuum adds what is new; a B-tree on the name alone would cost
-- more than a third. All three are in one index, so that an insert looks at it once; the time is also there for the
-- planner, as in calls_by_correlation.
create index calls_by_arrival on analytics.invocations
  using brin (
    created_at,
    name text_bloom_ops (n_distinct_per_range = 500, false_positive_rate = 0.01),
    domain text_bloom_ops (n_distinct_per_range = 500, false_positive_rate = 0.01)
  )
  with (pages_per_range = 32, autosummarize = on);

-- Synchronisations and deliveries to webhooks by time: some calls between those of tools, of which people read single
-- ones, without a bound on the time. Only they pay for it.
create index syncs_and_deliveries_by_time on analytics.invocations (kind, started_at) where kind in ('sync', 'webhook');
