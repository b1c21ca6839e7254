-- How old the summaries are.
select refreshed_at, age_seconds
from analytics.freshness
