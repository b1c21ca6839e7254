-- Each tool in the seven days before the day of $1: its calls, those that failed by no caller's fault, and its cost. The
-- worst first, then those with most calls.
select
  tool_name as tool,
  sum(total_invocations)::bigint as calls,
  sum(error_count - caller_error_count)::bigint as failed,
  (100 * sum(error_count - caller_error_count) / sum(total_invocations))::double precision as failed_pct,
  sum(cost_usd)::double precision as cost_usd
from analytics.tool_daily
where day >= date_bin('1 day', $1::timestamptz, timestamptz 'epoch') - interval '7 days'
  and day < date_bin('1 day', $1::timestamptz, timestamptz 'epoch')
group by tool_name
having sum(total_invocations) > 0
order by failed_pct desc, calls desc, tool
limit $2
