-- Who said last that they have seen the incident $1 and work on it.
select actor as by, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, reason as note
from ops.audit
where action = 'incident.acknowledged' and target = $1 and success
order by audit.at desc
limit 1
