-- The files that are written of the day $1, in order.
select part, rows, bytes, sha256, analytics.to_micros(last_started_at) as last_micros, last_event_id
from analytics.archived_parts
where day = $1::date
order by part
