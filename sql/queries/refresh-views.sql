-- Refreshes the summaries. Answers what became of each; nothing when another refresh is at it.
select view_name, duration_ms, outcome, error
from analytics.refresh_all_views()
