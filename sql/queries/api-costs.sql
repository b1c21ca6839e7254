-- What the calls of tools cost in the days [$1, $2): one row a tool and day, with what they reported and how long they took
-- together, in seconds.
select
  tool_name,
  to_char(day at time zone 'UTC', 'YYYY-MM-DD') as day,
  total_invocations::double precision as calls,
  coalesce(cost_usd, 0)::double precision as reported_usd,
  coalesce(avg_ms * total_invocations / 1000, 0)::double precision as seconds
from analytics.tool_daily
where day >= $1::timestamptz and day < $2::timestamptz and total_invocations > 0
