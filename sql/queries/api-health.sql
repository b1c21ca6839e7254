-- How old the summaries are, how many tools there are, and how many of them are critical.
select
  (select age_seconds from analytics.freshness) as age_seconds,
  count(*)::integer as tools,
  count(*) filter (where verdict = 'critical')::integer as critical
from analytics.tool_health_summary
