-- How old the summaries are, in seconds.
select age_seconds
from analytics.freshness
