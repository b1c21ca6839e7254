-- Since when each tool of $1 fails without a break: from the first five minutes with failures after the last with calls
-- and an allowed share of failures, within 24 hours. No row for a tool whose summaries do not show it yet.
with steps as (
  select tool_name, at, failures, failures <= coalesce(error_rate, 0.1) * calls as is_good
  from analytics.tool_trend_24h
  left join analytics.tool_thresholds on tool_thresholds.name = tool_name
  where tool_name = any ($1::text[])
),
good as (
  select tool_name, max(at) as last_good_at
  from steps
  where is_good
  group by tool_name
)
select tool_name, to_char(min(at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as since
from steps
left join good using (tool_name)
where not is_good and at > coalesce(last_good_at, '-infinity')
group by tool_name
order by tool_name
