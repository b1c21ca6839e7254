-- Lets go on what is of the scope $1 and the name $2; without a row it was not held back.
delete from ops.job_pauses
where scope = $1 and name = $2
returning scope, name, reason, paused_by, to_char(paused_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as paused_at
