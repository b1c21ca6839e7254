-- Whether the store answers, how late its summaries are, and how many tools are in trouble.
select
  (select age_seconds from analytics.freshness) as age_seconds,
  count(*)::integer as tools,
  count(*) filter (where verdict = 'critical')::integer as critical
from analytics.tool_health_summary
