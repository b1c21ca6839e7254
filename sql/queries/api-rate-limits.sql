-- Each rate limit, the most used first; at most $1.
select
  tenant_id, key_type, identifier, request_count, limit_max, utilization_pct, status, seconds_until_reset,
  to_char(seen_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as seen_at
from analytics.v_rate_limit_utilization
order by utilization_pct desc, key_type, identifier, tenant_id
limit $1
