-- Refreshes the summaries. Returns the outcome of each; no rows when another refresh is running.
select view_name, duration_ms, outcome, error
from analytics.refresh_all_views()
