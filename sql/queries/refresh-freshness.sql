-- How old the newest call is, how long the oldest calls have waited to be counted (NULL when none wait), and how many
-- batches are pending.
select data_age_seconds, waiting_seconds, pending_batches::integer as pending_batches
from analytics.freshness
