-- What people did in the seven days before the day of $1: mutes that they made, and what was not sent because of
-- those that they ended; and how often something was deployed.
select
  (count(*) filter (where action = 'mute.created' and success))::integer as mutes_made,
  coalesce(
    sum((change ->> 'swallowed_total')::bigint) filter (where action = 'mute.ended' and success), 0
  )::integer as notifications_muted,
  (
    select count(*)::integer
    from analytics.deployments
    where started_at >= date_bin('1 day', $1::timestamptz, timestamptz 'epoch') - interval '7 days'
      and started_at < date_bin('1 day', $1::timestamptz, timestamptz 'epoch')
  ) as deployments
from ops.audit
where at >= date_bin('1 day', $1::timestamptz, timestamptz 'epoch') - interval '7 days'
  and at < date_bin('1 day', $1::timestamptz, timestamptz 'epoch')
