-- Every incident that people were notified of, of the operator's scope. It has ended when the last message says so:
-- `over` when good calls prove it, `quiet` when nothing was measured. version_at_end is what was deployed while it
-- lasted, which may have ended it; NULL when nothing was. Filter by cause: the index on causes is made for that.
create view analytics.v_incidents with (security_invoker, security_barrier) as
select
  incident_id,
  cause,
  state,
  severity,
  began_at,
  ended_at,
  extract(epoch from coalesce(ended_at, analytics.clock()) - began_at)::double precision as duration_seconds,
  messages,
  times_reopened,
  last_title,
  members,
  calls,
  bad_calls,
  users,
  peak_pct,
  (
    select version
    from analytics.deployments
    where deployments.started_at between began_at and ended_at
    order by deployments.started_at desc
    limit 1
  ) as version_at_end
from (
  select
    incident_id,
    cause,
    case (array_agg(kind order by notified_at desc, message_id))[1]
      when 'over' then 'over' when 'quiet' then 'quiet' else 'open'
    end as state,
    case when bool_or(severity = 'critical') then 'critical' else 'warning' end as severity,
    min(began_at) as began_at,
    case
      when (array_agg(kind order by notified_at desc, message_id))[1] in ('over', 'quiet') then max(notified_at)
    end as ended_at,
    count(*) as messages,
    count(*) filter (where kind = 'reopened') as times_reopened,
    (array_agg(title order by notified_at desc, message_id))[1] as last_title,
    (
      select array_agg(distinct member order by member)
      from ops.incident_messages as same, unnest(same.members) as member
      where same.incident_id = message.incident_id and same.cause = message.cause
    ) as members,
    max(calls) as calls,
    max(bad_calls) as bad_calls,
    max(users) as users,
    max(peak_pct) as peak_pct
  from ops.incident_messages as message
  group by incident_id, cause
) as incidents;

grant select on analytics.v_incidents to toolwatch_reader, toolwatch_operator;
