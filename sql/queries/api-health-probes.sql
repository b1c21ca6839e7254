-- The latest result of each probe of the operator's own that wrote a line in the last 24 hours. What is not
-- of [$1, $2) has a time and no result: its line is not read.
with latest as (
  select distinct on (name) name, started_at, success, duration_ms, error_code, error_type, metadata
  from analytics.invocations
  where started_at >= $1::timestamptz and started_at < $2::timestamptz and kind = 'probe' and tenant_id = 'default'
  order by name, started_at desc, event_id desc
),
known as (
  select
    name,
    max(last_started_at) as last_started_at,
    max(last_started_at) filter (where error_code = '') as last_success_at
  from rollup.tenant_hour
  where kind = 'probe' and tenant_id = 'default'
    and bucket >= (select date_bin('1 hour', now() - interval '24 hours', timestamptz 'epoch'))
  group by name
)
select
  name, success, duration_ms, error_code, error_type, metadata,
  to_char(
    greatest(latest.started_at, last_started_at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as checked_at,
  to_char(last_success_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as last_success_at
from known
full join latest using (name)
order by name
limit 100
