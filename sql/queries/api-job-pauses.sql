-- What keeps jobs back, at most $1: that of the scope $2 and the name $3 where these are not NULL.
select
  scope, name, reason, paused_by,
  to_char(paused_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as paused_at
from ops.job_pauses
where ($2::text is null or scope = $2) and ($3::text is null or name = $3)
order by scope, name
limit $1
