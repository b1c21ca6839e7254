-- Refreshes the summaries. Returns the outcome of each.
select view_name, duration_ms, outcome, error
from analytics.refresh_all_views()
