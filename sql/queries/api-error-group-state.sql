-- What somebody decided about the group $1 last; without a row there is no such group.
select
  known.kind, known.name, coalesce(state, 'open') as state, version,
  to_char(muted_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as until
from rollup.error_groups as known
left join ops.error_group_states using (group_id)
where group_id = $1
