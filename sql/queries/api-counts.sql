-- How many tool calls are stored, by tool and quarter of an hour, in $2 quarters from $1 on. Reads the calls
-- themselves.
select to_char(quarter at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as quarter, name, calls
from (
  select date_bin('15 minutes', started_at, timestamptz 'epoch') as quarter, name, count(*) as calls
  from analytics.invocations
  where kind = 'tool' and started_at >= $1 and started_at < $1::timestamptz + $2 * interval '15 minutes'
  group by 1, 2
) as quarters
order by quarters.quarter, name
