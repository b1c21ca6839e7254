-- Sets what somebody decided about the group $1: the state $2, resolved in the version $3 (the newest deployment's where
-- NULL), muted until $4, why $5, by $6.
insert into ops.error_group_states (group_id, state, version, muted_until, reason, changed_by, changed_at)
values (
  $1, $2,
  case when $2::text = 'resolved' then coalesce($3, (
    select version from analytics.deployments order by started_at desc, deployment_id desc limit 1
  )) end,
  $4::timestamptz, $5, $6, now()
)
on conflict (group_id) do update set
  state = excluded.state,
  version = excluded.version,
  muted_until = excluded.muted_until,
  reason = excluded.reason,
  changed_by = excluded.changed_by,
  changed_at = excluded.changed_at
