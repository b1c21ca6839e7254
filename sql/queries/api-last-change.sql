-- Who did one of the actions $2 to $1 last, and when.
select actor, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
from ops.audit
where target = $1 and action = any ($2::text[]) and success
order by audit.at desc
limit 1
