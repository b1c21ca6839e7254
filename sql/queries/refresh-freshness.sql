-- How late the data is.
select data_age_seconds, pending_batches::integer as pending_batches
from analytics.freshness
