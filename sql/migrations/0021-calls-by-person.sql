-- Finds the calls of one session and of one user among those of many days, as calls_by_correlation finds those of one
-- request: for every 32 pages it knows which of them may be there.
create index calls_by_person on analytics.invocations
  using brin (
    started_at,
    session_id text_bloom_ops (n_distinct_per_range = 500, false_positive_rate = 0.01),
    user_id text_bloom_ops (n_distinct_per_range = 500, false_positive_rate = 0.01)
  )
  with (pages_per_range = 32, autosummarize = on);

-- Finds the calls that repeat another on request. Only they pay for it.
create index replays_by_original on analytics.invocations (replay_of) where replay_of is not null;
