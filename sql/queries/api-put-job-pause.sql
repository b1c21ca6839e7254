-- Keeps back what is of the scope $1 and the name $2, because of $3, by $4; without a row it is held back already.
insert into ops.job_pauses (scope, name, reason, paused_by)
values ($1, $2, $3, $4)
on conflict do nothing
returning scope
