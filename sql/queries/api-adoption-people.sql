-- Users and sessions that called tools in the $2 weeks from $1 on, among the newest $3 calls of each; weeks whose calls
-- retention has removed are left out. Each row says how many calls were read, and since when; and since when there are calls.
-- The kind is looked at afterwards, so that the limit is of what is read. The limit is a query of its own because of the
-- planner: by it a search that ends early looks cheap, as it is.
select
  to_char(week_from at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as from,
  to_char(greatest(week_from, dropped_before) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as kept_since,
  count(started_at)::integer as calls_read,
  to_char(min(started_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as read_since,
  (count(distinct (tenant_id, user_id)) filter (where kind = 'tool' and user_id is not null))::integer as active_users,
  (count(distinct (tenant_id, session_id)) filter (where kind = 'tool' and session_id is not null))::integer as sessions
from (
  select $1::timestamptz + n * interval '7 days' as week_from
  from generate_series(0, $2::integer - 1) as n
) as weeks
join analytics.horizon on dropped_before < week_from + interval '7 days'
left join lateral (
  select tenant_id, user_id, session_id, kind, started_at
  from analytics.invocations
  where started_at >= week_from and started_at < week_from + interval '7 days'
  order by invocations.started_at desc
  limit (select $3::bigint)
) as newest on true
group by week_from, dropped_before
order by week_from
