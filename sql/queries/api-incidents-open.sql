-- How many incidents are open of which people were notified since $1.
select count(*)::integer as open
from analytics.v_incidents
where state = 'open'
  and incident_id = any (array(select incident_id from ops.incident_messages where notified_at >= $1::timestamptz))
