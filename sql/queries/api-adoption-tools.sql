-- Tools that are deployed or were ever called, those with most calls in the $2 weeks from $1 on first, at most $4. $3 is the
-- name of those that do not exist.
with days as (
  select
    tool_name, day, total_invocations, last_invoked_at,
    day >= $1::timestamptz and day < $1::timestamptz + $2::integer * interval '7 days' as is_in_weeks
  from analytics.tool_daily
  where tool_name <> $3
),
called as (
  select
    tool_name,
    sum(total_invocations) filter (where is_in_weeks) as calls,
    count(distinct date_bin('7 days', day, $1::timestamptz)) filter (where is_in_weeks) as weeks_used,
    min(day) as first_day,
    max(last_invoked_at) as last_called_at
  from days
  group by tool_name
)
select
  coalesce(tool_name, deployed.name) as tool_name,
  deployed.name is not null as is_deployed,
  coalesce(calls, 0)::double precision as calls,
  coalesce(weeks_used, 0)::integer as weeks_used,
  to_char(first_day at time zone 'UTC', 'YYYY-MM-DD') as first_called_on,
  to_char(last_called_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_called_at,
  (count(*) over ())::integer as tool_count
from called
full join analytics.tool_thresholds as deployed on deployed.name = tool_name
order by coalesce(calls, 0) desc, coalesce(tool_name, deployed.name)
limit $4
