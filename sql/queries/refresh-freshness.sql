-- How old the newest call is, and how many batches are pending.
select data_age_seconds, pending_batches::integer as pending_batches
from analytics.freshness
