-- What people changed by hand in [$1, $2], earliest first, at most $3. That they acknowledged an incident changes nothing.
select
  to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at, actor, action, target, reason, success
from ops.audit
where at >= $1::timestamptz and at <= $2::timestamptz and action <> 'incident.acknowledged'
order by audit.at, audit_id
limit $3
