-- All rate limits together.
select
  count(*) as total,
  count(*) filter (where status = 'normal') as normal,
  count(*) filter (where status = 'warning') as warning,
  count(*) filter (where status = 'throttled') as throttled
from analytics.v_rate_limit_utilization
